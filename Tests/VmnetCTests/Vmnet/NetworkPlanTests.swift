import CVmnet
import Glibc
import OpenVmnet
import Testing
import VmnetWire

@testable import VmnetC

@Suite struct NetworkPlanTests {
    @Test func `the second address of the subnet is the host's, and the last guest's is the last but one`() throws {
        let plan = NetworkPlan(.shared)
        try plan.setSubnet(IPv4Address(bits: 0x0ad5_1500), mask: IPv4Address(bits: 0xffff_ff00))
        let network = try plan.makeNetwork()
        #expect(network.range.map { "\($0.start) \($0.end)" } == "10.213.21.1 10.213.21.254")
        let (subnet, mask) = unsafe withReference(network) { reference in
            var (subnet, mask) = (in_addr(), in_addr())
            unsafe vmnet_network_get_ipv4_subnet(reference, &subnet, &mask)
            return (UInt32(bigEndian: subnet.s_addr), UInt32(bigEndian: mask.s_addr))
        }
        #expect(subnet == 0x0ad5_1500)
        #expect(mask == 0xffff_ff00)
    }

    @Test func `a network keeps its subnet from others while it lives`() throws {
        let plan = NetworkPlan(.host)
        try plan.setSubnet(IPv4Address(bits: 0x0ad5_1600), mask: IPv4Address(bits: 0xffff_ff00))
        var network: SharedNetwork? = try plan.makeNetwork()
        let error = try #require(throws: VmnetError.self) { try plan.makeNetwork() }
        #expect(error.status == .sharingServiceBusy)
        network = nil
        #expect(network == nil)
        _ = try plan.makeNetwork()
    }

    @Test func `a prefix is given back as it was given`() throws {
        let plan = NetworkPlan(.shared)
        let prefix = try #require(IPv6Address("fd12:3456:789a::"))
        try plan.setPrefix(prefix, length: 64)
        let network = try plan.makeNetwork()
        let (address, length) = unsafe withReference(network) { reference in
            var (address, length) = (in6_addr(), UInt8(0))
            unsafe vmnet_network_get_ipv6_prefix(reference, &address, &length)
            return (unsafe withUnsafeBytes(of: address) { unsafe Array($0) }, length)
        }
        #expect(address.prefix(6) == [0xfd, 0x12, 0x34, 0x56, 0x78, 0x9a])
        #expect(length == 64)
    }

    @Test func `what the network does without reaches its configuration`() throws {
        let plan = NetworkPlan(.shared)
        plan.omissions = [.nat44, .nat66, .dhcp, .dnsProxy, .routerAdvertisement]
        let (client, address) = (MACAddress(bits: 0x5254_0001_0203), IPv4Address(bits: 0x0ad5_1702))
        try plan.reserve(address, for: client)
        let configuration = try plan.configuration()
        #expect(!configuration.translatesIPv4 && !configuration.translatesIPv6)
        #expect(!configuration.servesDHCP && !configuration.proxiesDNS && !configuration.advertisesRouter)
        #expect(configuration.reservations == [try AddressReservation(macAddress: client, address: address)])
    }

    @Test func `what a network cannot be is refused when it is said`() {
        let plan = NetworkPlan(.host)
        let mask = IPv4Address(bits: 0xffff_ff00)
        #expect(throws: VmnetError.self) { try plan.setSubnet(IPv4Address(bits: 0x0808_0800), mask: mask) }
        #expect(throws: VmnetError.self) {
            try plan.setSubnet(IPv4Address(bits: 0x0ad5_0000), mask: IPv4Address(bits: 0xff00_ff00))
        }
        #expect(throws: VmnetError.self) { try plan.setPrefix(.any, length: 64) }
        #expect(throws: VmnetError.self) { try plan.setExternalInterface("eth0") }
        #expect(throws: VmnetError.self) { try plan.reserve(IPv4Address(bits: 0x0ad5_0002), for: .broadcast) }
        #expect(throws: VmnetError.self) { try NetworkPlan(.shared).setExternalInterface("no such one") }
    }

    @Test func `a bridged network has no configuration`() {
        var status: vmnet_return_t = 0
        #expect(unsafe vmnet_network_configuration_create(vmnet_mode_t(VMNET_BRIDGED_MODE), &status) == nil)
        #expect(status == vmnet_return_t(VMNET_INVALID_ARGUMENT))
        #expect(unsafe vmnet_network_configuration_create(0, nil) == nil)
    }

    private func withReference<Result>(_ network: SharedNetwork, _ body: (OpaquePointer) -> Result) -> Result {
        let reference = unsafe network.owned
        defer { unsafe vmnet_object_release(UnsafeRawPointer(reference)) }
        return unsafe body(reference)
    }
}
