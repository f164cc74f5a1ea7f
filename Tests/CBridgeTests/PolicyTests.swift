import CBridge
import Testing

/// Who may bridge what, by the lines of /etc/openvmnet/bridge.conf. The user 1000 of the group 1000 asks for eth0 unless a
/// test says otherwise.
@Suite struct PolicyTests {
    private static let users = "root:x:0:0:root:/root:/bin/sh\nalice:x:1000:1000::/home/alice:/bin/sh\n"
    private static let groups = "root:x:0:\nvmusers:x:44:alice\nalice:x:1000:\n"

    @Test(arguments: [
        "allow eth0", "allow all", "  allow\teth0  \r\n", "allow eth0 # for everybody", "# nothing\n\n\nallow eth0",
        "allow eth1\nallow eth0\n", "deny eth1\nallow all", "allow eth0 user:1000", "allow eth0 group:1000",
        "allow eth0 user:7 user:1000", "allow eth0 user:7 group:1000", "deny eth0 user:7\nallow eth0",
        "deny all group:7\nallow all",
    ])
    func `an interface is granted when a line allows it and none denies it`(policy: String) {
        #expect(PolicyReading(policy).isGranted)
    }

    @Test(arguments: [
        "", "\n", "# allow eth0", "allow eth1", "allow eth", "allow eth00", "allow eth0 user:1001",
        "allow eth0 group:44", "allow all user:0", "deny eth0", "allow ALL",
    ])
    func `nothing is granted that no line allows`(policy: String) {
        #expect(PolicyReading(policy) == PolicyReading(""))
    }

    @Test(arguments: [
        "allow eth0\ndeny eth0", "deny eth0\nallow eth0", "allow all\ndeny eth0", "deny all\nallow eth0",
        "allow eth0 user:1000\ndeny eth0", "allow eth0\ndeny eth0 group:1000", "allow eth0\ndeny all user:1000",
    ])
    func `a line that denies is final, wherever it stands`(policy: String) {
        #expect(!PolicyReading(policy).isGranted)
    }

    @Test func `users and groups are known by name`() {
        for policy in ["allow eth0 user:alice", "allow eth0 group:vmusers", "allow eth0 group:alice"] {
            #expect(
                PolicyReading(policy, groups: [1000, 44], users: Self.users, groupNames: Self.groups).isGranted,
                "\(policy)")
            #expect(
                !PolicyReading(policy, user: 7, groups: [7], users: Self.users, groupNames: Self.groups).isGranted,
                "\(policy)")
        }
    }

    @Test(arguments: ["user:alic", "user:alicea", "user:x", "group:vmuser", "group:bob"])
    func `a name that nobody has makes the policy unusable`(word: String) {
        let reading = PolicyReading("allow eth0\ndeny eth0 \(word)", users: Self.users, groupNames: Self.groups)
        #expect(!reading.isGranted)
        guard case .fault(let line, let found, let fault) = reading.end else { return #expect(Bool(false)) }
        #expect(line == 2 && found == word)
        #expect(fault.contains(word.hasPrefix("user") ? "/etc/passwd" : "/etc/group"))
    }

    @Test(arguments: [
        ("permit eth0", "permit", "is none of allow, deny and include"),
        ("allow", "allow", "does not name an interface, or all"),
        ("allow a/b", "allow a/b", "does not name an interface, or all"),
        ("allow 0123456789abcdef", "allow 0123456789abcdef", "does not name an interface, or all"),
        ("allow eth0 eth1", "eth1", "is neither user:NAME nor group:NAME"),
        ("allow eth0 user:", "user:", "is neither user:NAME nor group:NAME"),
        ("allow eth0 user:1000 nonsense", "nonsense", "is neither user:NAME nor group:NAME"),
        ("allow eth0 user:4294967295", "user:4294967295", "is not a user in /etc/passwd: write the number"),
        ("allow eth0 user:4294968296", "user:4294968296", "is not a user in /etc/passwd: write the number"),
        ("allow eth0 user:-1", "user:-1", "is not a user in /etc/passwd: write the number"),
        ("include other.conf", "include other.conf", "does not name an absolute path"),
        ("include", "include", "does not name an absolute path"),
        ("include /a /b", "include /a /b", "has more than a path"),
        ("Allow eth0", "Allow", "is none of allow, deny and include"),
    ])
    func `a wrong line is found, though others allow the interface`(line: String, word: String, fault: String) {
        let reading = PolicyReading("allow eth0\n\(line)\nallow eth0")
        #expect(reading.end == .fault(line: 2, word: word, fault: fault))
        #expect(!reading.isGranted)
    }

    @Test func `a zero byte is part of a word, and ends nothing`() {
        #expect(!PolicyReading("allow eth0\u{0}").isGranted)
        #expect(!PolicyReading("allow eth0 user:1000\u{0}1").isGranted)
    }

    @Test func `files to include are handed out in order, and reading goes on behind them`() {
        let reading = PolicyReading("include /etc/a.conf\nallow eth0\n include /etc/b.conf # those of the lab")
        #expect(reading.includes == ["/etc/a.conf", "/etc/b.conf"])
        #expect(reading.isGranted)
    }

    @Test(arguments: [
        ("eth0", true), ("a", true), ("0123456789abcde", true), ("br-1.5@x", true), ("0123456789abcdef", false),
        ("", false), (".", false), ("..", false), ("a/b", false), ("a b", false), ("fd:3", false), ("a\tb", false),
        ("a\u{7f}", false),
    ])
    func `names that interfaces can have are the kernel's`(name: String, isOne: Bool) {
        var bytes = Array(name.utf8CString)
        // Safety: the array outlives the call, and ends with a zero that is not part of the text.
        let answer = unsafe bytes.withUnsafeMutableBufferPointer {
            unsafe ovn_is_interface_name(ovn_text(start: $0.baseAddress, length: $0.count - 1))
        }
        #expect(answer == isOne)
    }
}
