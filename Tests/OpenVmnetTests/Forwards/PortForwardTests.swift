import Testing
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

@Suite("A port forward")
struct PortForwardTests {
    @Test(arguments: [
        ("tcp:8080:80", "tcp:127.0.0.1:8080:80"),
        ("udp:5353:53", "udp:127.0.0.1:5353:53"),
        ("tcp:0:22", "tcp:127.0.0.1:0:22"),
        ("tcp:0.0.0.0:8080:192.168.64.5:80", "tcp:0.0.0.0:8080:192.168.64.5:80"),
        ("tcp:8080:192.168.64.5:80", "tcp:127.0.0.1:8080:192.168.64.5:80"),
        ("tcp:[::1]:2222:VM-1:22", "tcp:[::1]:2222:vm-1:22"),
        ("udp:[::]:53:52:54:00:AB:cd:ef:53", "udp:[::]:53:52:54:00:ab:cd:ef:53"),
        ("tcp:2222:52-54-00-12-34-56:22", "tcp:127.0.0.1:2222:52:54:00:12:34:56:22"),
        ("unix:/run/vm.sock:22", "unix:/run/vm.sock:22"),
        ("unix:/run/vm.sock:vm1:22", "unix:/run/vm.sock:vm1:22"),
        ("unix:/run/a:b/vm.sock:22", "unix:/run/a:b/vm.sock:22"),
        ("unix:vm.sock:192.168.64.5:22", "unix:vm.sock:192.168.64.5:22"),
        ("unix:/run/vm.sock:52:54:00:12:34:56:22", "unix:/run/vm.sock:52:54:00:12:34:56:22"),
    ])
    func `is written in full as it is read`(text: String, written: String) throws {
        let forward = try PortForward(text)
        #expect(forward.description == written)
        #expect(try PortForward(written) == forward)
    }

    @Test(arguments: [
        ("", "it has no colon"),
        ("tcp", "it has no colon"),
        ("sctp:1:2", "'sctp' is no protocol"),
        ("tcp:8080", "it ends before the guest's port"),
        ("tcp:http:80", "'http' is no port of this host"),
        ("tcp:65536:80", "'65536' is no port of this host"),
        ("tcp:+80:80", "'+80' is no port of this host"),
        ("tcp:::1:8080:80", "'' is no port of this host"),
        ("tcp:8080:0", "'0' is no port of the guest"),
        ("tcp:8080:", "'' is no port of the guest"),
        ("tcp:8080:65536", "'65536' is no port of the guest"),
        ("tcp:1.2.3:8080:80", "'1.2.3' is no IPv4 address"),
        ("tcp:[::1:8080:80", "it has no IPv6 address between brackets"),
        ("tcp:[10.0.0.1]:8080:80", "it has no IPv6 address between brackets"),
        ("tcp:8080:my_vm:80", "'my_vm' is no guest"),
        ("tcp:8080:1:80", "'1' is no guest"),
        ("unix::80", "it has no path"),
        ("unix:/run/vm.sock", "'/run/vm.sock' is no port of the guest"),
    ])
    func `is refused by its text, with the way out`(text: String, reason: String) throws {
        let error = try #require(throws: VmnetError.self) { try PortForward(text) }
        #expect(error.code == .invalidConfiguration)
        #expect(error.message.hasPrefix("cannot forward '\(text)': \(reason)"), "\(error.message)")
        #expect(error.hint != nil)
    }

    @Test func `is refused when its path is too long for a socket`() throws {
        let path = "/" + String(repeating: "x", count: 106)
        #expect(try PortForward("unix:\(path):22").host == .unix(path: path))
        let error = try #require(throws: VmnetError.self) { try PortForward("unix:\(path)y:22") }
        #expect(error.message.contains("its path has 108 bytes"))
    }
}
