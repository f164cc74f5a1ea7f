import CBridge

extension FuzzTarget {
    /// Whatever the policy says: it is read to its end, what it names is part of it, nothing is granted without a line that
    /// allows it, and a line before it that denies all is final.
    static let bridgePolicy = FuzzTarget(name: "bridge-policy") { bytes in
        let policy = [UInt8](copying: bytes)
        let isGranted = read(policy)
        let words = policy.split { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
        require(!isGranted || words.contains { $0.starts(with: "allow".utf8) }, "granted by nothing")
        require(!read(Array("deny all\n".utf8) + policy), "granted though denied")
    }

    /// Whether eth0 is granted to the user 1000, called alice.
    private static func read(_ policy: [UInt8]) -> Bool {
        let lines = policy.count { $0 == UInt8(ascii: "\n") } + 1
        let groups: [UInt32] = [1000, 44]
        let names = Array("alice:x:1000:1000\nvm:x:44:alice\n".utf8)
        let interface = Array("eth0".utf8CString)
        // Safety: the arrays outlive the calls.
        return unsafe policy.withUnsafeBytes { policy in
            unsafe names.withUnsafeBytes { names in
                unsafe groups.withUnsafeBufferPointer { groups in
                    unsafe interface.withUnsafeBufferPointer { interface in
                        var request = unsafe ovn_policy_request(
                            interface: interface.baseAddress, user: 1000, groups: groups.baseAddress,
                            group_count: groups.count, user_names: text(names), group_names: text(names))
                        return unsafe read(policy, lines, &request)
                    }
                }
            }
        }
    }

    private static func read(
        _ policy: UnsafeRawBufferPointer, _ lines: Int, _ request: inout ovn_policy_request
    ) -> Bool {
        // Safety: structures of zeros; the reader's word is looked at while the policy is there.
        var reader = unsafe ovn_policy_reader()
        unsafe reader.rest = text(policy)
        var verdict = ovn_policy_verdict()
        while true {
            let stop = unsafe ovn_policy_read(&reader, &request, &verdict)
            require(unsafe reader.line <= lines, "line \(unsafe reader.line) of \(lines)")
            guard stop != OVN_POLICY_END else { return ovn_policy_grants(verdict) }
            let word = unsafe UnsafeRawBufferPointer(start: reader.word.start, count: reader.word.length)
            require(unsafe isPart(word, of: policy), "a word from elsewhere")
            require(stop == OVN_POLICY_FAULT || word.first == UInt8(ascii: "/"), "a path that is not absolute")
            if stop == OVN_POLICY_FAULT { return false }
        }
    }

    private static func isPart(_ word: UnsafeRawBufferPointer, of policy: UnsafeRawBufferPointer) -> Bool {
        guard let start = unsafe word.baseAddress, let whole = unsafe policy.baseAddress else { return false }
        return unsafe start >= whole && start + word.count <= whole + policy.count
    }

    private static func text(_ bytes: UnsafeRawBufferPointer) -> ovn_text {
        unsafe ovn_text(start: bytes.assumingMemoryBound(to: CChar.self).baseAddress, length: bytes.count)
    }
}
