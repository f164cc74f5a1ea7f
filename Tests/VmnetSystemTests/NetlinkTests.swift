import Glibc
import SystemPackage
import Testing
import VmnetSystem

@Suite struct NetlinkTests {
    static let loopback = IPv4Prefix(bits: 0x7f00_0001, prefixLength: 8)

    @Test func `this host's loopback address is found with its prefix`() throws {
        let addresses = try InterfaceList.ipv4Addresses()
        #expect(addresses.contains(.init(interface: "lo", address: Self.loopback)))
    }

    @Test func `the routes are those of the kernel's own table`() throws {
        // /proc/net/route: interface, then destination and gateway, flags, ..., mask in column 8, as the kernel's
        // little-endian words in hexadecimal.
        let table = try #require(try File.read("/proc/net/route", maximumByteCount: 1 << 20))
        let expected = String(decoding: table, as: UTF8.self).split(separator: "\n").dropFirst().compactMap { line in
            let fields = line.split(whereSeparator: \.isWhitespace)
            let numbers = [1, 7].compactMap { UInt32(fields[$0], radix: 16)?.byteSwapped }
            return IPv4Prefix(bits: numbers[0], prefixLength: numbers[1].nonzeroBitCount)
        }
        let routes = try RouteList.ipv4()
        for prefix in expected { #expect(routes.contains { $0.destination == prefix }) }
        for route in routes where route.isDefault { #expect(route.destination.bits & .max >> 1 == 0) }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "making a network namespace needs root"))
    func `addresses and routes of every kind are reported`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            #expect(try InterfaceList.ipv4Addresses().isEmpty)
            #expect(try RouteList.ipv4().isEmpty)
            let tap = try TapInterface(creating: "guest%d", hasVirtioHeader: false)
            #expect(tap.name == "guest0")
            try run("ip link set dev guest0 up")
            try run("ip address add 10.1.2.3/20 dev guest0")
            try run("ip address add 192.0.2.1 peer 192.0.2.9/32 dev guest0")
            try run("ip route add default via 10.1.2.1")
            try run("ip route add blackhole 198.51.100.0/24")
            try run("ip route add 203.0.113.0/25 dev guest0 table 99")
            #expect(
                try Set(InterfaceList.ipv4Addresses()) == [
                    .init(interface: "guest0", address: .init(bits: 0x0a01_0203, prefixLength: 20)),
                    .init(interface: "guest0", address: .init(bits: 0xc000_0201, prefixLength: 32)),
                ])
            #expect(
                try Set(RouteList.ipv4()) == [
                    .init(destination: .init(bits: 0, prefixLength: 0), interface: "guest0", gateway: 0x0a01_0201),
                    .init(destination: .init(bits: 0x0a01_0000, prefixLength: 20), interface: "guest0", gateway: nil),
                    .init(destination: .init(bits: 0xc000_0209, prefixLength: 32), interface: "guest0", gateway: nil),
                    .init(destination: .init(bits: 0xc633_6400, prefixLength: 24), interface: nil, gateway: nil),
                    .init(destination: .init(bits: 0xcb00_7100, prefixLength: 25), interface: "guest0", gateway: nil),
                ])
        }
    }
}

/// What the user who runs the tests may do.
enum Privilege {
    /// In CI the tests have to run.
    static var mayMakeNetworks: Bool {
        Environment.value("CI") == "true" || (geteuid() == 0 && TapInterfaceTests.mayOpenDevice)
    }
}

/// Runs a command of words, which has to succeed.
func run(_ command: String) throws {
    let process = try SpawnedProcess(command.split(separator: " ").map(String.init))
    let status = try process.wait()
    #expect(status == .exited(0), "\(command)")
}
