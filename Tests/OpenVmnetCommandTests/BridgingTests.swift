import SystemPackage
import Testing
import VmnetSystem

@testable import openvmnet

@Suite struct BridgingTests {
    @Test func `the helper is looked for where the program was installed, then beside it`() {
        #expect(
            InstalledHelper.places(besides: "/opt/ov/bin/openvmnet") == [
                "/opt/ov/libexec/openvmnet/openvmnet-bridge-helper", "/opt/ov/bin/openvmnet-bridge-helper",
            ])
    }

    @Test(arguments: [
        ("fd:3", true), ("fd:0", true), ("fd:", false), ("fd:-1", false), ("fd:x", false), ("fd3", false),
        ("eth0", false),
    ])
    func `a descriptor is told from an interface's name`(text: String, isDescriptor: Bool) {
        #expect((PassedPacketSocket(text) != nil) == isDescriptor)
    }

    @Test func `what is no packet socket is refused`() throws {
        let pair = try Socket.pair(.datagram)
        let passed = try #require(PassedPacketSocket("fd:\(pair.first.raw)"))
        let error = #expect(throws: SystemError.self) { _ = try passed.open() }
        #expect(error?.errno == .invalidArgument && error?.remedy?.contains("packet socket") == true)
    }

    @Test func `the table marks the default route's interface and says why others cannot be bridged`() {
        var port = NetworkLink(index: 3, name: "eth1", mtu: 9000)
        port.masterIndex = 4
        port.portKind = "bridge"
        var card = NetworkLink(index: 2, name: "eth0")
        card.macAddress = 0x0200_0000_0001
        var bridge = NetworkLink(index: 4, name: "br0", flags: 0)
        bridge.virtualKind = "bridge"
        let interfaces = HostInterface.all(of: [card, port, bridge], traits: [:], defaultIndex: 2, platform: nil)
        #expect(
            Interfaces.table(interfaces) == """
                NAME    KIND      MAC                MTU   STATE  BRIDGED
                eth0 *  ethernet  02:00:00:00:00:01  1500  up     yes
                eth1    ethernet  -                  9000  up     no: is a port of the bridge br0; take br0
                br0     bridge    -                  1500  down   no: is down; as root: ip link set br0 up

                """)
    }
}
