import OpenVmnet
import Testing

@Suite("An attachment point")
struct AttachmentPointTests {
    @Test(arguments: [
        ("stream:/run/net.sock", AttachmentPoint(.stream(path: "/run/net.sock"))),
        ("stream:/run/net.sock,isolated", AttachmentPoint(.stream(path: "/run/net.sock"), isolated: true)),
        ("dgram:/tmp/d,isolated", AttachmentPoint(.datagram(path: "/tmp/d"), isolated: true)),
        ("bess:/tmp/b,isolated", AttachmentPoint(.bess(path: "/tmp/b"), isolated: true)),
        (
            "tap:eth0@/run/netns/lab,isolated",
            AttachmentPoint(.tap(name: "eth0", namespace: "/run/netns/lab"), isolated: true)
        ),
        ("fd:7,isolated", AttachmentPoint(.descriptor(7), isolated: true)),
        ("stream:/a,b", AttachmentPoint(.stream(path: "/a,b"))),
        ("stream:/a,isolated,isolated=off", AttachmentPoint(.stream(path: "/a,isolated"))),
    ])
    func `is written as it is read`(text: String, point: AttachmentPoint) throws {
        #expect(try AttachmentPoint(text) == point)
        #expect(point.description == text)
    }

    @Test func `the option can be written out, as QEMU does`() throws {
        #expect(try AttachmentPoint("fd:7,isolated=on") == AttachmentPoint(.descriptor(7), isolated: true))
        #expect(try AttachmentPoint("fd:7,isolated=off") == AttachmentPoint(.descriptor(7)))
    }

    @Test(arguments: [
        "", ",isolated", "stream:,isolated", "fd:7,isolated=maybe", "fd:7,isolated=", "fd:7,colour=red",
        "tap:a/b,isolated",
    ])
    func `is refused when it is none`(text: String) {
        #expect(throws: VmnetError.self) { try AttachmentPoint(text) }
    }
}
