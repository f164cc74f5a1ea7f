// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import Glibc
import Logging
import OpenVmnet

// <vmnet/vmnet.h>: packets.
//
// Safety, for these functions: pointers are what the header says they are.

@c @implementation
package func vmnet_read(
    _ interface: interface_ref?, _ packets: UnsafeMutablePointer<vmpktdesc>?, _ pktcnt: UnsafeMutablePointer<Int32>?
) -> vmnet_return_t {
    let status = unsafe withPackets(interface, packets, pktcnt) { interface, list, count throws(VmnetError) in
        count = try interface.read(into: list)
    }
    // Some programs take it for read(2), and look at nothing else.
    if status == VmnetStatus.success.rawValue, unsafe pktcnt?.pointee == 0 { errno = EWOULDBLOCK }
    return status
}

@c @implementation
package func vmnet_write(
    _ interface: interface_ref?, _ packets: UnsafeMutablePointer<vmpktdesc>?, _ pktcnt: UnsafeMutablePointer<Int32>?
) -> vmnet_return_t {
    unsafe withPackets(interface, packets, pktcnt) { interface, list, count throws(VmnetError) in
        try interface.write(list, sentCount: &count)
    }
}

/// Runs `body` with the interface and the packets, and tells the program how many it has handled.
private func withPackets(
    _ interface: interface_ref?, _ packets: UnsafeMutablePointer<vmpktdesc>?, _ pktcnt: UnsafeMutablePointer<Int32>?,
    _ body: (Interface, VmnetPackets, inout Int) throws(VmnetError) -> Void
) -> vmnet_return_t {
    guard let interface = unsafe VmnetInterface.lent(interface), let packets = unsafe packets,
        let pktcnt = unsafe pktcnt, unsafe pktcnt.pointee >= 0
    else { return VmnetStatus.invalidArgument.rawValue }
    var count = 0
    var status = VmnetStatus.success
    do throws(VmnetError) {
        let list = unsafe VmnetPackets(packets, count: Int(pktcnt.pointee))
        try body(interface.running().interface, list, &count)
    } catch {
        Log.logger.debug("\(error)")
        status = error.status
    }
    unsafe pktcnt.pointee = Int32(count)
    return status.rawValue
}

/// An array of `struct vmpktdesc`.
///
/// Safety: lent for the call, with as many as the program says.
@safe
private struct VmnetPackets: PacketList {
    private let packets: UnsafeMutablePointer<vmpktdesc>
    let count: Int

    init(_ packets: UnsafeMutablePointer<vmpktdesc>, count: Int) {
        unsafe self.packets = packets
        self.count = count
    }

    func parts(of index: Int) -> PacketParts? {
        unsafe PacketParts(packets[index].vm_pkt_iov, count: Int(packets[index].vm_pkt_iovcnt))
    }

    func byteCount(of index: Int) -> Int { unsafe packets[index].vm_pkt_size }

    func setByteCount(_ byteCount: Int, of index: Int) { unsafe packets[index].vm_pkt_size = byteCount }
}
