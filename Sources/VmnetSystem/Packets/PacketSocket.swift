import CVmnetLinux
import Glibc
import SystemPackage

/// A packet socket on one interface: whole Ethernet frames to and from its link, beside the kernel's own protocols
/// (packet(7), SOCK_RAW).
///
/// It receives what comes in from the link, also what is addressed to other stations (promiscuous mode, which ends with
/// the socket), as far as its filter admits it; not what this host itself sends. Only the opening needs CAP_NET_RAW: who
/// has it may open the socket for another process, which does the rest.
package struct PacketSocket: ~Copyable, Sendable {
    package let descriptor: Descriptor
    /// The number of the interface that it was bound to, in the network namespace that it was opened in.
    package let interfaceIndex: Int32

    /// What is asked for to receive in. A frame of 1514 bytes takes 2304 of it, one of 64 KiB as much as it is long.
    private static let receiveByteCount = 8 << 20
    private static let sendByteCount = 1 << 20

    /// ETH_P_ALL in network order.
    private static let allProtocols = UInt16(ETH_P_ALL).bigEndian

    /// Opens a socket on the interface of that name, in this thread's network namespace. It admits no frame yet.
    ///
    /// Throws EPERM without CAP_NET_RAW there, ENODEV when there is no such interface.
    package init(bindingTo name: String) throws(SystemError) {
        // Protocol 0: not one frame arrives before the socket is bound, of this interface or of others.
        let descriptor = try Self.open(for: name)
        guard let interface = try InterfaceState(named: name, through: descriptor.raw) else {
            throw SystemError(
                "bridge to the interface \(name)", .operationNotSupportedByDevice,
                remedy: "there is no interface of that name")
        }
        try self.init(descriptor, on: interface)
    }

    /// Takes over a socket that somebody with CAP_NET_RAW has opened and bound to an interface, with whatever protocol.
    /// It admits no frame yet, and has none that came before.
    ///
    /// Throws EINVAL for what is no such socket.
    package init(adopting descriptor: consuming Descriptor) throws(SystemError) {
        let raw = descriptor.raw
        guard try Self.isPacketSocket(raw) else {
            throw SystemError(
                "bridge through the descriptor \(raw)", .invalidArgument,
                remedy: "it has to be a packet socket: socket(AF_PACKET, SOCK_RAW, ...)")
        }
        guard let address = Self.boundAddress(raw) else {
            throw SystemError(
                "bridge through the descriptor \(raw)", .invalidArgument,
                remedy: "the packet socket has to be bound to an interface that exists")
        }
        try self.init(
            descriptor, on: try InterfaceState(address.sll_ifindex, through: raw),
            isBound: address.sll_protocol == Self.allProtocols)
    }

    /// - Parameter isBound: whether it hears all of the interface's protocols already. One that is kept on its interface, as
    ///   openvmnet-bridge-helper does, cannot be bound again.
    private init(
        _ descriptor: consuming Descriptor, on interface: InterfaceState, isBound: Bool = false
    ) throws(SystemError) {
        let raw = descriptor.raw
        guard interface.isEthernet else {
            throw SystemError(
                "bridge to the interface \(interface.name)", .invalidArgument,
                remedy: "it carries no Ethernet frames")
        }
        try descriptor.setNonBlocking()
        try descriptor.setCloseOnExec()
        try PacketFilter.nothing.attach(to: raw)
        Self.drain(raw)
        try Self.setOptions(raw)
        if !isBound { try Self.bind(raw, to: interface) }
        try Self.addPromiscuousMembership(raw, of: interface)
        self.descriptor = descriptor
        interfaceIndex = interface.index
    }

    /// Has the socket admit other frames from now on. What has come before is still there to be received: only the
    /// receiver can tell which of it is still wanted.
    ///
    /// When the kernel has no memory for so long a program (net.core.optmem_max), the socket admits everything.
    package borrowing func setFilter(_ filter: PacketFilter) throws(SystemError) {
        do throws(SystemError) {
            try filter.attach(to: descriptor.raw)
        } catch {
            guard error.errno == .noMemory else { throw error }
            // The old program takes room as long as it is there.
            try PacketFilter.everything.attach(to: descriptor.raw)
            try? filter.attach(to: descriptor.raw)
        }
    }

    /// Frames that found no room at the socket since the last call, PACKET_STATISTICS.
    package borrowing func takeDropCount() -> UInt32 {
        var statistics = tpacket_stats()
        var byteCount = socklen_t(MemoryLayout<tpacket_stats>.size)
        // Safety: the kernel writes the structure that the option has while there is no ring.
        let result = unsafe getsockopt(descriptor.raw, SOL_PACKET, PACKET_STATISTICS, &statistics, &byteCount)
        return result == 0 ? statistics.tp_drops : 0
    }

    /// What the interface that it is bound to is like now. Throws ENODEV, ENXIO or EINVAL when that has gone.
    package borrowing func interface() throws(SystemError) -> InterfaceState {
        try InterfaceState(interfaceIndex, through: descriptor.raw)
    }

    private static func open(for interface: String) throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            return Descriptor(
                owning: try SystemCall.run("open a packet socket for \(interface)") {
                    Glibc.socket(AF_PACKET, Int32(SOCK_RAW.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
                })
        } catch {
            guard error.errno == .notPermitted else { throw error }
            throw SystemError(error.operation, error.errno, remedy: "it needs CAP_NET_RAW")
        }
    }

    private static func isPacketSocket(_ raw: Int32) throws(SystemError) -> Bool {
        let (domain, type) = (option(SO_DOMAIN, of: raw), option(SO_TYPE, of: raw))
        return domain == AF_PACKET && type == Int32(SOCK_RAW.rawValue)
    }

    private static func option(_ name: Int32, of raw: Int32) -> Int32? {
        var value: Int32 = 0
        var byteCount = socklen_t(MemoryLayout<Int32>.size)
        // Safety: an option of the size of an integer.
        return unsafe getsockopt(raw, SOL_SOCKET, name, &value, &byteCount) == 0 ? value : nil
    }

    /// What it is bound to; nil when that is no interface, or one that has gone.
    private static func boundAddress(_ raw: Int32) -> sockaddr_ll? {
        var address = sockaddr_ll()
        var byteCount = socklen_t(MemoryLayout<sockaddr_ll>.size)
        // Safety: the structure begins as `sockaddr` does, and the kernel writes at most its size.
        let result = unsafe withUnsafeMutablePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe getsockname(raw, $0, &byteCount) }
        }
        return result == 0 && address.sll_ifindex > 0 ? address : nil
    }

    /// Takes out what arrived before the filter was there, and the error of an interface that is down.
    private static func drain(_ raw: Int32) {
        var byte: UInt8 = 0
        while true {
            // Safety: the kernel writes at most one byte.
            switch SystemCall.result({ unsafe recv(raw, &byte, 1, Int32(MSG_DONTWAIT)) }) {
            case .success, .failure(.networkDown): continue
            case .failure: return
            }
        }
    }

    private static func setOptions(_ raw: Int32) throws(SystemError) {
        // The kernel takes a VLAN tag out of the frame, and tells it beside it.
        try set(PACKET_AUXDATA, raw)
        // A virtio-net header before each frame: what is left to do to it, both ways.
        try set(PACKET_VNET_HDR, raw)
        // Linux 4.20; the filter refuses them where it is missing, only later.
        try? set(PACKET_IGNORE_OUTGOING, raw)
        Socket.setBuffers(raw, byteCount: sendByteCount)
        var byteCount = Int32(receiveByteCount)
        for option in [SO_RCVBUF, SO_RCVBUFFORCE] {
            // Safety: an option of the size of an integer. A refusal leaves less room, and more frames lost in bursts.
            _ = unsafe setsockopt(raw, SOL_SOCKET, option, &byteCount, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func set(_ option: Int32, _ raw: Int32) throws(SystemError) {
        var isOn: Int32 = 1
        try SystemCall.run("set the option \(option) of a packet socket") {
            // Safety: an option of the size of an integer.
            unsafe setsockopt(raw, SOL_PACKET, option, &isOn, socklen_t(MemoryLayout<Int32>.size))
        }
    }

    private static func bind(_ raw: Int32, to interface: InterfaceState) throws(SystemError) {
        var address = sockaddr_ll()
        address.sll_family = UInt16(AF_PACKET)
        address.sll_protocol = allProtocols
        address.sll_ifindex = interface.index
        try SystemCall.run("bind a packet socket to \(interface.name)") {
            // Safety: sockaddr_ll begins as every sockaddr does, and the kernel copies as much as the length says.
            unsafe withUnsafePointer(to: &address) {
                unsafe Glibc.bind(
                    raw, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                    socklen_t(MemoryLayout<sockaddr_ll>.size))
            }
        }
    }

    /// Unlike the interface's own flag it is counted, and ends with the socket.
    private static func addPromiscuousMembership(_ raw: Int32, of interface: InterfaceState) throws(SystemError) {
        var request = packet_mreq()
        request.mr_ifindex = interface.index
        request.mr_type = UInt16(PACKET_MR_PROMISC)
        try SystemCall.run("have \(interface.name) receive what is addressed to guests") {
            // Safety: the kernel copies the structure during the call.
            unsafe setsockopt(
                raw, SOL_PACKET, PACKET_ADD_MEMBERSHIP, &request, socklen_t(MemoryLayout<packet_mreq>.size))
        }
    }
}
