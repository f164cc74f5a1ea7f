import Testing
import VmnetDHCP

@Suite struct HostNameTests {
    @Test(arguments: [
        ("debian", "debian"), ("vm_1", "vm-1"), ("My Laptop", "My-Laptop"), ("host.example.org", "host"),
        (".example", "example"), ("-x-", "x"), ("a\nb", "ab"), ("name; rm -rf", "name-rm--rf"), ("../../etc", nil),
        ("etc/../x", "etc"),
        ("\u{fffd}\u{1b}[31mred", "31mred"), ("*", nil), ("", nil), ("---", nil), ("日本", nil),
        (String(repeating: "a", count: 5000), String(repeating: "a", count: 63)),
        (String(repeating: "a", count: 62) + "-b", String(repeating: "a", count: 62)),
    ])
    func `a name is what is safe of its first label`(_ name: String, _ safe: String?) {
        #expect(HostName(sanitizing: name)?.text == safe)
    }
}
