import CVmnet
import OpenVmnet
import Testing
import VmnetWire

@testable import VmnetC

@Suite struct NetworkRegistryTests {
    private let registry = NetworkRegistry()

    /// A description with addresses that no other test has.
    private func description(
        _ mode: Int = VMNET_SHARED_MODE, third: Int? = nil, last: Int = 254, mtu: Int? = nil
    ) -> InterfaceDescription {
        let dictionary = XPCObject.dictionary()
        unsafe dictionary.set(vmnet_operation_mode_key, .uint64(mode))
        if let third {
            unsafe dictionary.set(vmnet_start_address_key, .string("10.213.\(third).1"))
            unsafe dictionary.set(vmnet_end_address_key, .string("10.213.\(third).\(last)"))
            unsafe dictionary.set(vmnet_subnet_mask_key, .string("255.255.255.0"))
        }
        if let mtu { unsafe dictionary.set(vmnet_mtu_key, .uint64(mtu)) }
        return InterfaceDescription(dictionary)
    }

    @Test func `who asks for the same mode and addresses is on the same network`() throws {
        let first = try registry.join(description(third: 1))
        let second = try registry.join(description(third: 1))
        let other = try registry.join(description(third: 2))
        #expect(first === second)
        #expect(first !== other)
        for network in [first, second, other] { registry.leave(network) }
    }

    @Test func `who asks for the addresses that another got without asking is on its network`() throws {
        let first = try registry.join(description(VMNET_HOST_MODE))
        let range = try #require(first.addresses)
        let dictionary = XPCObject.dictionary()
        unsafe dictionary.set(vmnet_operation_mode_key, .uint64(Int(VMNET_HOST_MODE)))
        unsafe dictionary.set(vmnet_start_address_key, .string(range.start))
        unsafe dictionary.set(vmnet_end_address_key, .string(range.end))
        unsafe dictionary.set(vmnet_subnet_mask_key, .string(range.mask))
        let second = try registry.join(InterfaceDescription(dictionary))
        #expect(first === second)
        registry.leave(first)
        registry.leave(second)
    }

    @Test func `addresses of another network are busy until its last user has left`() throws {
        let network = try registry.join(description(third: 3))
        for asked in [description(VMNET_HOST_MODE, third: 3), description(third: 3, last: 100)] {
            let error = try #require(throws: VmnetError.self) { try registry.join(asked) }
            #expect(error.status == .sharingServiceBusy)
        }
        registry.leave(network)
    }

    @Test func `the addresses of a network that has ended are free at once`() throws {
        for _ in 0..<20 {
            weak var watched: SharedNetwork?
            do {
                let network = try registry.join(description(third: 4))
                watched = network
                registry.leave(network)
            }
            #expect(watched == nil)
        }
    }

    @Test func `a network is not changed by who comes later`() throws {
        let network = try registry.join(description(third: 5))
        let error = try #require(throws: VmnetError.self) { try registry.join(description(third: 5, mtu: 9000)) }
        #expect(error.status == .sharingServiceBusy)
        #expect(error.message.contains("1500"))
        registry.leave(network)
    }

    @Test func `guests of a shared network have IPv6 addresses unasked`() throws {
        let network = try registry.join(description(third: 6))
        #expect(network.nat66Prefix.map { $0.high >> 56 } == 0xfd)
        registry.leave(network)
    }
}
