import CVmnet
import Glibc
import OpenVmnet
import Testing
import VmnetWire

@testable import VmnetC

@Suite struct ForwardingRuleTests {
    private let guest = IPv4Address(bits: 0xc0a8_4002)

    @Test func `a rule is a forward of all the host's addresses`() throws {
        let rule = try ForwardingRule(
            protocolNumber: UInt8(IPPROTO_UDP), externalPort: 5353, internalAddress: guest, internalPort: 53)
        #expect(try rule.forward().description == "udp:0.0.0.0:5353:192.168.64.2:53")
    }

    @Test func `its details are what it was added with, in the orders of bytes that they came in`() throws {
        let rule = try ForwardingRule(
            protocolNumber: UInt8(IPPROTO_TCP), externalPort: 8080, internalAddress: guest, internalPort: 80)
        var (number, external, address, port) = (UInt8(0), UInt16(0), in_addr(), UInt16(0))
        let object = rule.object
        let status = unsafe vmnet_port_forwarding_rule_get_details(object.lent, &number, &external, &address, &port)
        #expect(status == vmnet_return_t(VMNET_SUCCESS))
        #expect(Int(number) == IPPROTO_TCP && external == 8080 && port == 80)
        #expect(UInt32(bigEndian: address.s_addr) == guest.bits)
        #expect(
            unsafe vmnet_port_forwarding_rule_get_details(object.lent, nil, nil, nil, nil)
                == vmnet_return_t(VMNET_SUCCESS))
    }

    @Test func `what is no rule has no details`() {
        let object = XPCObject.dictionary()
        unsafe object.set("protocol", .uint64(6))
        #expect(
            unsafe vmnet_port_forwarding_rule_get_details(object.lent, nil, nil, nil, nil)
                == vmnet_return_t(VMNET_INVALID_ARGUMENT))
        #expect(
            vmnet_port_forwarding_rule_get_details(nil, nil, nil, nil, nil)
                == vmnet_return_t(VMNET_INVALID_ARGUMENT))
    }

    @Test(arguments: [(UInt8(1), UInt16(80), UInt16(80)), (6, 0, 80), (17, 80, 0)])
    func `other protocols and ports of 0 are refused`(number: UInt8, external: UInt16, port: UInt16) {
        #expect(throws: VmnetError.self) {
            try ForwardingRule(
                protocolNumber: number, externalPort: external, internalAddress: guest, internalPort: port)
        }
    }
}
