import OpenVmnet
import Testing

@Suite("A listen address")
struct ListenAddressTests {
    @Test(arguments: [
        ("stream:/run/net.sock", ListenAddress.stream(path: "/run/net.sock")),
        ("stream:relative", .stream(path: "relative")),
        ("stream:/odd:name", .stream(path: "/odd:name")),
        ("dgram:/tmp/d", .datagram(path: "/tmp/d")),
        ("bess:/tmp/b", .bess(path: "/tmp/b")),
        ("tap:eth0", .tap(name: "eth0", namespace: nil)),
        ("tap:eth0@/run/netns/lab", .tap(name: "eth0", namespace: "/run/netns/lab")),
        ("fd:7", .descriptor(7)),
    ])
    func `is written as it is read`(text: String, address: ListenAddress) throws {
        #expect(try ListenAddress(text) == address)
        #expect(address.description == text)
    }

    @Test(arguments: [
        "", "stream", "stream:", "unix:/tmp/x", "/tmp/x", "fd:", "fd:-1", "fd:three", "tap:", "tap:sixteen-letters-",
        "tap:a/b", "tap:eth0@",
    ])
    func `is refused when it is none`(text: String) {
        #expect(throws: VmnetError.self) { try ListenAddress(text) }
    }

    @Test func `has room for a path of 107 bytes, and refuses a longer one by name`() throws {
        let path = "/" + String(repeating: "x", count: 106)
        #expect(try ListenAddress("bess:\(path)") == .bess(path: path))
        #expect { try ListenAddress("bess:\(path)y") } throws: { "\($0)".contains("'\(path)y' is too long") }
    }
}
