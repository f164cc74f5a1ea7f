import SystemPackage
import Testing
import VmnetSystem

@Suite struct InterfaceControlTests {
    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `an interface gets its address, mask, MTU and routes`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let tap = try TapInterface(creating: "eth0", hasVirtioHeader: false)
            let control = try InterfaceControl()
            try control.setMACAddress(0x0200_0000_0007, of: "eth0")
            try control.setMTU(4000, of: "eth0")
            try control.bringUp("eth0")
            try control.setAddress(0xc0a8_4002, mask: 0xffff_ff00, of: "eth0")
            try control.addRoute(to: 0, mask: 0, through: 0xc0a8_4001, of: "eth0")
            try control.addRoute(to: 0x0a00_0000, mask: 0xff00_0000, through: nil, of: "eth0")

            let address = IPv4Prefix(bits: 0xc0a8_4002, prefixLength: 24)
            #expect(try InterfaceList.ipv4Addresses() == [.init(interface: "eth0", address: address)])
            let network = IPv4Prefix(bits: 0xc0a8_4000, prefixLength: 24)
            let ten = IPv4Prefix(bits: 0x0a00_0000, prefixLength: 8)
            #expect(
                try Set(RouteList.ipv4()) == [
                    .init(destination: network, interface: "eth0", gateway: nil),
                    .init(destination: ten, interface: "eth0", gateway: nil),
                    .init(destination: IPv4Prefix(bits: 0, prefixLength: 0), interface: "eth0", gateway: 0xc0a8_4001),
                ])
            let link = try SpawnedProcess([
                "sh", "-c", "ip -o link show dev eth0 up | grep -q 'mtu 4000 .*link/ether 02:00:00:00:00:07 '",
            ])
            #expect(try link.wait() == .exited(0))
            _ = consume tap
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `what the kernel refuses is an error that names it`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let control = try InterfaceControl()
            #expect(throws: SystemError("read the state of eth0", .operationNotSupportedByDevice)) {
                try control.bringUp("eth0")
            }
            #expect(throws: SystemError("add a route on lo", .networkUnreachable)) {
                try control.addRoute(to: 0, mask: 0, through: 0xc0a8_4001, of: "lo")
            }
        }
    }

    @Test(arguments: ["", "sixteen-letters-", "a\0b"])
    func `a name that the kernel cannot hold is refused`(name: String) throws {
        let control = try InterfaceControl()
        #expect(throws: SystemError("use \(name) as an interface's name", .invalidArgument)) {
            try control.bringUp(name)
        }
    }
}
