import CVmnet
import Logging
import OpenVmnet
import VmnetWire

/// What a program asks of an interface, and of the network it is to be on: the dictionary of vmnet_start_interface.
struct InterfaceDescription {
    /// What the interface is asked to be.
    let interface: InterfaceConfiguration
    /// Whether the program wants to be told a MAC address for its guest.
    let allocatesMACAddress: Bool
    private let dictionary: XPCObject

    init(_ dictionary: XPCObject) {
        self.dictionary = dictionary
        var interface = InterfaceConfiguration()
        // Safety, here and below: the keys are constants.
        if let bytes = unsafe dictionary.read(vmnet_interface_id_key, \.uuidBytes) {
            // Safety: a uuid has 16 bytes.
            interface.id = unsafe InterfaceID(octets: UnsafeBufferPointer(start: bytes.bytes, count: bytes.count))
        }
        interface.isIsolated = unsafe dictionary.read(vmnet_enable_isolation_key, \.boolValue) ?? false
        interface.enablesTSO = unsafe dictionary.read(vmnet_enable_tso_key, \.boolValue) ?? false
        interface.enablesChecksumOffload =
            unsafe dictionary.read(vmnet_enable_checksum_offload_key, \.boolValue) ?? false
        interface.hasVirtioHeader = unsafe dictionary.read(vmnet_enable_virtio_header_key, \.boolValue) ?? false
        self.interface = interface
        allocatesMACAddress = unsafe dictionary.read(vmnet_allocate_mac_address_key, \.boolValue) ?? true
    }

    /// The mode that is asked for; nil without one.
    func mode() throws(VmnetError) -> OperationMode? {
        guard let number = unsafe dictionary.read(vmnet_operation_mode_key, \.uint64Value) else { return nil }
        return try OperationMode(number)
    }

    /// The host's interface that a bridged network is to be on; nil without one.
    var sharedInterfaceName: String? {
        // Safety: a C string that the dictionary holds.
        unsafe dictionary.read(vmnet_shared_interface_name_key, \.stringBytes).map { unsafe String(cString: $0.string) }
    }

    /// The MTU that is asked for; nil without one.
    var mtu: Int? { unsafe dictionary.read(vmnet_mtu_key, \.uint64Value).flatMap { Int(exactly: $0) } }

    /// The network that is asked for, as options of the command line, which are checked there.
    func networkOptions() throws(VmnetError) -> NetworkOptions {
        guard let mode = try mode() else {
            throw VmnetError(
                .invalidArgument, "the description of the interface has no vmnet_operation_mode",
                hint:
                    "set it to VMNET_HOST_MODE, VMNET_SHARED_MODE or VMNET_BRIDGED_MODE with xpc_dictionary_set_uint64")
        }
        var options = NetworkOptions()
        try options.set(.mode, to: mode.rawValue)
        try unsafe set(.startAddress, vmnet_start_address_key, in: &options)
        try unsafe set(.endAddress, vmnet_end_address_key, in: &options)
        try unsafe set(.subnetMask, vmnet_subnet_mask_key, in: &options)
        try unsafe set(.nat66Prefix, vmnet_nat66_prefix_key, in: &options)
        try unsafe set(.hostIP, vmnet_host_ip_address_key, in: &options)
        try unsafe set(.hostMask, vmnet_host_subnet_mask_key, in: &options)
        if mode == .bridged {
            guard let name = sharedInterfaceName else {
                throw VmnetError(
                    .invalidArgument, "the description of a bridged interface has no vmnet_shared_interface_name",
                    hint: "vmnet_copy_shared_interface_list has those that there are")
            }
            try options.set(.ifname, to: name)
        }
        try setNumbers(in: &options, mode)
        return options
    }

    private func set(
        _ option: NetworkOption, _ key: UnsafePointer<CChar>?, in options: inout NetworkOptions
    ) throws(VmnetError) {
        guard let bytes = unsafe dictionary.read(key, \.stringBytes) else { return }
        // Safety: a C string that the dictionary holds.
        try options.set(option, to: unsafe String(cString: bytes.string))
    }

    /// What is no text in a description.
    private func setNumbers(in options: inout NetworkOptions, _ mode: OperationMode) throws(VmnetError) {
        if let mtu = unsafe dictionary.read(vmnet_mtu_key, \.uint64Value) {
            guard mode != .bridged else {
                throw VmnetError(
                    .invalidArgument, "vmnet_mtu is \(mtu) for a bridged network",
                    hint: "leave it out: a bridged network has the MTU of the host's interface")
            }
            try options.set(.mtu, to: "\(mtu)")
        }
        if let bytes = unsafe dictionary.read(vmnet_network_identifier_key, \.uuidBytes) {
            // Safety: a uuid has 16 bytes.
            let id = unsafe InterfaceID(octets: UnsafeBufferPointer(start: bytes.bytes, count: bytes.count))
            if let id { try options.set(.netUUID, to: id.description) }
        }
        if let length = unsafe dictionary.read(vmnet_nat66_prefix_length_key, \.uint64Value), length != 64 {
            throw VmnetError(
                .invalidArgument, "vmnet_nat66_prefix_length is \(length)", hint: "guests have prefixes of 64 bits")
        }
        guard unsafe dictionary.value(for: vmnet_host_ipv6_address_key) == nil else {
            throw VmnetError(
                .invalidArgument, "vmnet_host_ipv6_address is given, and the host has no IPv6 address in a network",
                hint: "leave it out; guests reach the host by IPv4")
        }
    }
}

extension XPCObject {
    /// The value of a key, by its type; a value of another type is left out with a warning.
    fileprivate func read<Value>(_ key: UnsafePointer<CChar>?, _ content: (XPCObject) -> Value?) -> Value? {
        guard let object = unsafe value(for: key), let key = unsafe key else { return nil }
        guard let value = content(object) else {
            // Safety: a key is a C string, and so is the name of a type.
            let name = unsafe String(cString: key)
            let type = unsafe object.type.pointee.name.map { unsafe String(cString: $0) } ?? ""
            Log.logger.warning("\(name) is ignored: it is of type \(type)")
            return nil
        }
        return value
    }
}

extension OperationMode {
    /// - Throws: `.invalidArgument` for what is no VMNET_*_MODE.
    init(_ number: UInt64) throws(VmnetError) {
        switch number {
        case UInt64(VMNET_HOST_MODE): self = .host
        case UInt64(VMNET_SHARED_MODE): self = .shared
        case UInt64(VMNET_BRIDGED_MODE): self = .bridged
        default:
            throw VmnetError(
                .invalidArgument, "\(number) is no mode of vmnet's",
                hint: "use VMNET_HOST_MODE, VMNET_SHARED_MODE or VMNET_BRIDGED_MODE")
        }
    }
}
