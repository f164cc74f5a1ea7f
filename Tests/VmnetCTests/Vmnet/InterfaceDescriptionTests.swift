import CVmnet
import OpenVmnet
import Testing
import VmnetWire

@testable import VmnetC

@Suite struct InterfaceDescriptionTests {
    private func description(_ values: [(UnsafePointer<CChar>?, XPCObject)]) -> InterfaceDescription {
        let dictionary = XPCObject.dictionary()
        for unsafe(key, value) in unsafe values { unsafe dictionary.set(key, value) }
        return InterfaceDescription(dictionary)
    }

    @Test func `an empty description asks for a plain interface, and lacks a mode`() throws {
        let empty = unsafe description([])
        #expect(empty.interface == InterfaceConfiguration())
        #expect(empty.allocatesMACAddress)
        let error = try #require(throws: VmnetError.self) { try empty.networkOptions() }
        #expect(error.status == .invalidArgument)
        #expect(error.message.contains("vmnet_operation_mode"))
    }

    @Test func `keys become options of the command line`() throws {
        let asked = unsafe description([
            (vmnet_operation_mode_key, .uint64(Int(VMNET_SHARED_MODE))),
            (vmnet_start_address_key, .string("192.168.105.1")), (vmnet_end_address_key, .string("192.168.105.99")),
            (vmnet_subnet_mask_key, .string("255.255.255.0")), (vmnet_nat66_prefix_key, .string("fd12::")),
            (vmnet_mtu_key, .uint64(9000)),
        ])
        let configuration = try NetworkConfiguration(options: asked.networkOptions())
        #expect(configuration.mode == .shared)
        #expect(configuration.addresses.map { "\($0.start) \($0.end)" } == "192.168.105.1 192.168.105.99")
        #expect(configuration.nat66Prefix?.description == "fd12::")
        #expect(configuration.mtu == 9000)
        #expect(asked.mtu == 9000)
    }

    @Test func `keys of the interface are the interface's, and isolation is not the network's`() throws {
        let id = XPCBytes.octets(Array(1...16))
        let asked = unsafe description([
            (vmnet_operation_mode_key, .uint64(Int(VMNET_HOST_MODE))), (vmnet_interface_id_key, XPCObject(.uuid(id))),
            (vmnet_enable_isolation_key, XPCObject(.bool(true))), (vmnet_enable_tso_key, XPCObject(.bool(true))),
            (vmnet_allocate_mac_address_key, XPCObject(.bool(false))),
        ])
        #expect(asked.interface.id == InterfaceID(octets: 1...16))
        #expect(asked.interface.isIsolated && asked.interface.enablesTSO && !asked.interface.hasVirtioHeader)
        #expect(!asked.allocatesMACAddress)
        #expect(try !NetworkConfiguration(options: asked.networkOptions()).isIsolated)
    }

    @Test func `a private network has its identifier and its host's address`() throws {
        let asked = unsafe description([
            (vmnet_operation_mode_key, .uint64(Int(VMNET_HOST_MODE))),
            (vmnet_network_identifier_key, XPCObject(.uuid(.octets(Array(1...16))))),
            (vmnet_host_ip_address_key, .string("10.9.0.1")), (vmnet_host_subnet_mask_key, .string("255.255.255.0")),
        ])
        let configuration = try NetworkConfiguration(options: asked.networkOptions())
        #expect(configuration.identifier?.description == "01020304-0506-0708-090A-0B0C0D0E0F10")
        #expect(configuration.host?.address.description == "10.9.0.1")
    }

    @Test func `a value of the wrong type is not there`() throws {
        let asked = unsafe description([(vmnet_operation_mode_key, XPCObject(.int64(Int64(VMNET_SHARED_MODE))))])
        #expect(try asked.mode() == nil)
    }

    @Test func `what cannot be is refused`() throws {
        func error(_ more: [(UnsafePointer<CChar>?, XPCObject)], mode: Int) throws -> VmnetError {
            let asked = unsafe description([(vmnet_operation_mode_key, .uint64(mode))] + more)
            return try #require(throws: VmnetError.self) { try NetworkConfiguration(options: asked.networkOptions()) }
        }
        let refusals = [
            try unsafe error([], mode: 7),
            try unsafe error([(vmnet_mtu_key, .uint64(1500))], mode: Int(VMNET_BRIDGED_MODE)),
            try unsafe error([(vmnet_host_ipv6_address_key, .string("fd00::1"))], mode: Int(VMNET_HOST_MODE)),
            try unsafe error([(vmnet_nat66_prefix_length_key, .uint64(48))], mode: Int(VMNET_SHARED_MODE)),
            try unsafe error([(vmnet_start_address_key, .string("192.168.105.1"))], mode: Int(VMNET_HOST_MODE)),
            try unsafe error([(vmnet_nat66_prefix_key, .string("fd12::"))], mode: Int(VMNET_HOST_MODE)),
        ]
        #expect(refusals.allSatisfy { $0.status == .invalidArgument })
    }
}
