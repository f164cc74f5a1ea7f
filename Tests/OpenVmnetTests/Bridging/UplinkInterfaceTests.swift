import Testing
import VmnetSystem

@testable import OpenVmnet

/// The texts are QEMU's, from net/vmnet-bridged.m, where it has one.
@Suite struct UplinkInterfaceTests {
    @Test func `the interface of that name is taken, without one the default route's`() throws {
        let interfaces = Self.interfaces(["eth0", "eth1"], default: 2)
        #expect(try UplinkInterface.choose("eth0", among: interfaces).name == "eth0")
        #expect(try UplinkInterface.choose(nil, among: interfaces).name == "eth1")
    }

    @Test func `a name that no interface has is refused with those that can be bridged`() {
        #expect(
            Self.error("en0", among: Self.interfaces(["eth0", "eth1"], default: 1))
                == VmnetError(
                    .invalidConfiguration, "unsupported ifname 'en0', expected one of [ eth0 eth1 ]",
                    hint: "there is no interface 'en0'"))
    }

    @Test func `an interface that cannot be bridged is refused with the reason`() {
        var port = NetworkLink(index: 3, name: "port0")
        port.masterIndex = 1
        port.portKind = "bridge"
        let interfaces = HostInterface.all(
            of: [NetworkLink(index: 1, name: "br0"), port], traits: [:], defaultIndex: nil, platform: nil)
        #expect(
            Self.error("port0", among: interfaces)
                == VmnetError(
                    .invalidConfiguration, "unsupported ifname 'port0', expected one of [ br0 ]",
                    hint: "'port0' is a port of the bridge br0; take br0"))
    }

    @Test func `where nothing can be bridged, the error says that`() {
        let down = HostInterface.all(
            of: [NetworkLink(index: 2, name: "eth0", flags: 0)], traits: [:], defaultIndex: 2, platform: nil)
        #expect(
            Self.error("eth0", among: down)
                == VmnetError(
                    .invalidConfiguration, "unsupported ifname 'eth0', no supported interfaces available",
                    hint: "'eth0' is down; as root: ip link set eth0 up"))
        #expect(Self.error(nil, among: down)?.message.hasSuffix("default route's interface 'eth0' is down") == true)
    }

    @Test func `without a name and without a default route one has to be named`() {
        #expect(
            Self.error(nil, among: Self.interfaces(["eth0", "eth1"], default: nil))
                == VmnetError(
                    .invalidConfiguration, "no 'ifname' is given, and this host has no default route",
                    hint: "name one with ifname: eth0, eth1"))
    }

    private static func interfaces(_ names: [String], default index: UInt32?) -> [HostInterface] {
        let links = names.enumerated().map { NetworkLink(index: UInt32($0.offset + 1), name: $0.element) }
        return HostInterface.all(of: links, traits: [:], defaultIndex: index, platform: nil)
    }

    private static func error(_ name: String?, among interfaces: [HostInterface]) -> VmnetError? {
        do throws(VmnetError) {
            _ = try UplinkInterface.choose(name, among: interfaces)
            return nil
        } catch {
            return error
        }
    }
}
