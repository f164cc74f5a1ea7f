// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import Glibc
import OpenVmnet
import VmnetWire

// <openvmnet.h>: interfaces.
//
// Safety, for these functions: pointers are what the header says they are.

@c @implementation
package func ovn_interface_start(
    _ network: OpaquePointer?, _ wishes: UnsafePointer<ovn_interface_options>?
) -> OpaquePointer? {
    unsafe reference { () throws(VmnetError) in
        guard let network = unsafe SharedNetwork.lent(network) else { throw .null("network") }
        let options = try unsafe options(wishes, \.size, else: ovn_interface_options())
        let configuration = unsafe InterfaceConfiguration(options)
        return unsafe OvnInterface(try network.makeInterface(configuration), on: network).owned
    }
}

extension InterfaceConfiguration {
    fileprivate init(_ options: ovn_interface_options) {
        // Safety: as many bytes as the header says.
        let id = unsafe options.id.flatMap { unsafe InterfaceID(octets: UnsafeBufferPointer(start: $0, count: 16)) }
        let address = unsafe options.mac_address.map { octets in
            MACAddress(bits: unsafe UnsafeBufferPointer(start: octets, count: 6).reduce(0) { $0 << 8 | UInt64($1) })
        }
        let flags = unsafe options.flags
        self.init(
            id: id, macAddress: address, isIsolated: flags & OVN_INTERFACE_ISOLATED.rawValue != 0,
            enablesTSO: flags & OVN_INTERFACE_TSO.rawValue != 0,
            enablesChecksumOffload: flags & OVN_INTERFACE_CHECKSUM_OFFLOAD.rawValue != 0,
            hasVirtioHeader: flags & OVN_INTERFACE_VIRTIO_HEADER.rawValue != 0)
    }
}

@c @implementation
package func ovn_interface_get_parameters(
    _ interface: OpaquePointer?, _ parameters: UnsafeMutablePointer<ovn_interface_parameters>?, _ size: Int
) -> Int32 {
    result { () throws(VmnetError) in
        let values = try unsafe ovn_interface_parameters(OvnInterface.lent(interface).interface.parameters)
        try unsafe copy(values, to: parameters, size: size)
    }
}

extension ovn_interface_parameters {
    fileprivate init(_ values: InterfaceParameters) {
        self.init()
        // Safety: octets are copied into arrays of their number.
        unsafe withUnsafeMutableBytes(of: &id) { unsafe $0.copyBytes(from: values.id.octets) }
        unsafe withUnsafeMutableBytes(of: &mac_address) { unsafe $0.copyBytes(from: values.macAddress.octets) }
        if let range = values.addresses {
            has_addresses = 1
            start_address = in_addr(s_addr: range.start.bits.bigEndian)
            end_address = in_addr(s_addr: range.end.bits.bigEndian)
            subnet_mask = in_addr(s_addr: range.subnet.mask.bits.bigEndian)
        }
        if let prefix = values.nat66Prefix { nat66_prefix = in6_addr(prefix) }
        mtu = UInt32(values.mtu)
        max_packet_size = UInt32(values.maximumPacketByteCount)
        read_max_packets = UInt32(values.readLimit)
        write_max_packets = UInt32(values.writeLimit)
    }
}

@c @implementation
package func ovn_interface_get_statistics(
    _ interface: OpaquePointer?, _ statistics: UnsafeMutablePointer<ovn_interface_statistics>?, _ size: Int
) -> Int32 {
    result { () throws(VmnetError) in
        let counters = try unsafe OvnInterface.lent(interface).interface.statistics
        let values = ovn_interface_statistics(
            received_packets: counters.sentFrames, received_bytes: counters.sentBytes,
            sent_packets: counters.receivedFrames, sent_bytes: counters.receivedBytes,
            dropped_packets: counters.droppedFrames)
        try unsafe copy(values, to: statistics, size: size)
    }
}

/// Fills in as much of a structure as the program knows of.
private func copy<Value>(
    _ value: Value, to target: UnsafeMutablePointer<Value>?, size: Int
) throws(VmnetError) {
    guard let target = unsafe target else { throw .null("\(Value.self)") }
    // Safety: no more than either side has.
    unsafe withUnsafeBytes(of: value) { bytes in
        unsafe UnsafeMutableRawPointer(target).copyMemory(
            from: bytes.baseAddress.unsafelyUnwrapped, byteCount: min(max(0, size), bytes.count))
    }
}

@c @implementation
package func ovn_interface_read(
    _ interface: OpaquePointer?, _ packets: UnsafeMutablePointer<ovn_packet>?, _ count: Int
) -> Int {
    number { () throws(VmnetError) in
        let list = try unsafe OvnPackets(packets, count: count)
        return try unsafe OvnInterface.lent(interface).interface.read(into: list)
    }
}

@c @implementation
package func ovn_interface_write(
    _ interface: OpaquePointer?, _ packets: UnsafePointer<ovn_packet>?, _ count: Int
) -> Int {
    number { () throws(VmnetError) in
        let list = try unsafe OvnPackets(UnsafeMutablePointer(mutating: packets), count: count)
        let interface = try unsafe OvnInterface.lent(interface).interface
        var sentCount = 0
        do throws(VmnetError) {
            try interface.write(list, sentCount: &sentCount)
        } catch  where sentCount > 0 {
            // The next call begins with the packet that is wrong, and says so.
        }
        return sentCount
    }
}

/// An array of `ovn_packet`.
///
/// Safety: lent for the call, with as many as the program says; one that is written from is not changed.
@safe
private struct OvnPackets: PacketList {
    private let packets: UnsafeMutablePointer<ovn_packet>
    let count: Int

    init(_ packets: UnsafeMutablePointer<ovn_packet>?, count: Int) throws(VmnetError) {
        guard let packets = unsafe packets, count >= 0 else { throw .null("packets") }
        unsafe self.packets = packets
        self.count = count
    }

    func parts(of index: Int) -> PacketParts? {
        unsafe PacketParts(packets[index].parts, count: Int(packets[index].part_count))
    }

    func byteCount(of index: Int) -> Int { unsafe packets[index].byte_count }

    func setByteCount(_ byteCount: Int, of index: Int) { unsafe packets[index].byte_count = byteCount }
}

@c @implementation
package func ovn_interface_waiting_packets(_ interface: OpaquePointer?) -> Int {
    unsafe (try? OvnInterface.lent(interface).interface.waitingPacketCount) ?? 0
}

@c @implementation
package func ovn_interface_descriptor(_ interface: OpaquePointer?) -> Int32 {
    Int32(number { () throws(VmnetError) in Int(try unsafe OvnInterface.lent(interface).interface.descriptor) })
}

@c @implementation
package func ovn_interface_set_event_handler(
    _ interface: OpaquePointer?, _ handler: ovn_event_handler?, _ context: UnsafeMutableRawPointer?,
    _ release: ovn_context_release?
) -> Int32 {
    let handler = unsafe handler.map { unsafe EventHandler($0, context, release) }
    return result { () throws(VmnetError) in
        let interface = try unsafe OvnInterface.lent(interface)
        try interface.checkRunning()
        guard let handler else { return interface.interface.setEventHandler(nil) }
        interface.interface.setEventHandler { count in handler.call(waiting: count) }
    }
}

@c @implementation
package func ovn_interface_add_forward(_ interface: OpaquePointer?, _ forward: UnsafePointer<CChar>?) -> Int32 {
    Int32(
        number { () throws(VmnetError) in
            let forward = try PortForward(unsafe text(forward, "forward"))
            return try unsafe OvnInterface.lent(interface).interface.addForward(forward).host.port
        })
}

@c @implementation
package func ovn_interface_remove_forward(_ interface: OpaquePointer?, _ forward: UnsafePointer<CChar>?) -> Int32 {
    result { () throws(VmnetError) in
        let forward = try PortForward(unsafe text(forward, "forward"))
        try unsafe OvnInterface.lent(interface).interface.removeForward(forward)
    }
}

extension PortForward.HostSide {
    /// 0 for a Unix socket.
    fileprivate var port: Int {
        switch self {
        case .tcp(_, let port), .udp(_, let port): Int(port)
        case .unix: 0
        }
    }
}

@c @implementation
package func ovn_interface_stop(_ interface: OpaquePointer?) {
    unsafe try? OvnInterface.lent(interface).stop()
}

@c @implementation
package func ovn_interface_free(_ interface: OpaquePointer?) {
    guard let interface = unsafe interface else { return }
    // Safety: the caller gives back the reference that it was given.
    unsafe Unmanaged<OvnInterface>.fromOpaque(UnsafeRawPointer(interface)).release()
}

/// Runs `body`: 0, or a negative number and a text.
private func result(_ body: () throws(VmnetError) -> Void) -> Int32 {
    Int32(
        number { () throws(VmnetError) in
            try body()
            return 0
        })
}
