import CBridge

/// What a policy says to one user who asks for one interface.
struct PolicyReading: Equatable {
    /// Why reading has ended.
    enum End: Equatable {
        case complete
        /// The word that is wrong, and what is wrong with it.
        case fault(line: Int, word: String, fault: String)
    }

    var isGranted = false
    var includes: [String] = []
    var end = End.complete

    /// Reads all of `policy`; what it includes is noted, and counts for nothing.
    init(
        _ policy: String, asking interface: String = "eth0", user: UInt32 = 1000, groups: [UInt32] = [1000],
        users: String = "", groupNames: String = ""
    ) {
        var reading = PolicyReading()
        let texts = [policy, users, groupNames].map { Array($0.utf8CString) }
        let name = Array(interface.utf8CString)
        // Safety: the arrays outlive the calls; each text ends before its terminating zero.
        unsafe texts[0].withUnsafeBufferPointer { policy in
            unsafe texts[1].withUnsafeBufferPointer { users in
                unsafe texts[2].withUnsafeBufferPointer { groupNames in
                    unsafe name.withUnsafeBufferPointer { name in
                        unsafe groups.withUnsafeBufferPointer { groups in
                            var request = unsafe ovn_policy_request(
                                interface: name.baseAddress, user: user, groups: groups.baseAddress,
                                group_count: groups.count, user_names: Self.text(users),
                                group_names: Self.text(groupNames))
                            unsafe reading.read(Self.text(policy), &request)
                        }
                    }
                }
            }
        }
        self = reading
    }

    private init() {}

    private mutating func read(_ policy: ovn_text, _ request: inout ovn_policy_request) {
        // Safety: structures of zeros; the words that are copied are parts of the policy.
        var reader = unsafe ovn_policy_reader()
        unsafe reader.rest = unsafe policy
        var verdict = ovn_policy_verdict()
        while true {
            switch unsafe ovn_policy_read(&reader, &request, &verdict) {
            case OVN_POLICY_INCLUDE: unsafe includes.append(Self.string(reader.word))
            case OVN_POLICY_FAULT:
                unsafe end = .fault(
                    line: Int(reader.line), word: Self.string(reader.word), fault: String(cString: reader.fault))
                return
            default:
                isGranted = ovn_policy_grants(verdict)
                return
            }
        }
    }

    private static func text(_ characters: UnsafeBufferPointer<CChar>) -> ovn_text {
        unsafe ovn_text(start: characters.baseAddress, length: characters.count - 1)
    }

    private static func string(_ text: ovn_text) -> String {
        unsafe String(decoding: UnsafeRawBufferPointer(start: text.start, count: text.length), as: UTF8.self)
    }
}
