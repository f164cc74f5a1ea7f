/// Why a frame went no further. Every dropped frame is counted under exactly one reason, at the port it belongs to.
@usableFromInline
package enum DropReason: UInt8, CaseIterable, Sendable {
    /// Shorter than an Ethernet header, or not parseable where it had to be.
    case malformed
    /// Longer than the network carries.
    case oversize
    /// The source address is a group address, zero, or the gateway's own, or its port has been detached.
    case badSource
    /// The destination was learned on the port that the frame came from.
    case samePort
    /// One of the two guests is isolated.
    case isolated
    /// The receiving guest did not read, and its queue is full.
    case queueFull
    /// The receiving guest's transport failed with something other than "try again".
    case transport
    /// Nothing behind the gateway handles this ethertype, protocol or message; or its source cannot be checked where
    /// guests are held to their addresses.
    case unsupported
    /// A destination that policy closes: loopback, multicast beyond the segment, host services when they are off, and in
    /// host mode everything but the host.
    case prohibited
    /// The source address is not one of this network's; or not the guest's own, where guests are held to theirs.
    case spoofed
    /// A TCP segment beyond a gap, which libslirp before 4.8 must not see; the guest is asked for the missing one.
    case outOfOrder
    /// A fragment that fits no datagram, or one too many.
    case fragment
    /// More new flows than the guest may open in this time.
    case flowRate
    /// The guest has as many flows as it may have.
    case flowLimit
    /// The packet's hop limit does not take it beyond the gateway.
    case hopLimit
    /// More copies of frames to everybody, or to nobody known, than the guest may cause in this time.
    case floodRate
    /// From the physical network, but with a source address that is a guest's, or the interface's own: it has come back.
    case reflected
    /// From the physical network, and for nobody here.
    case noReceiver
    /// The interface to the physical network is down, or has gone.
    case linkDown
    /// It came in from the physical network while the kernel held as many as it holds: the network did not keep up.
    case socketFull

    /// The name in status output and metrics: `queue_full`.
    package var name: String {
        switch self {
        case .malformed: "malformed"
        case .oversize: "oversize"
        case .badSource: "bad_source"
        case .samePort: "same_port"
        case .isolated: "isolated"
        case .queueFull: "queue_full"
        case .transport: "transport"
        case .unsupported: "unsupported"
        case .prohibited: "prohibited"
        case .spoofed: "spoofed"
        case .outOfOrder: "out_of_order"
        case .fragment: "fragment"
        case .flowRate: "flow_rate"
        case .flowLimit: "flow_limit"
        case .hopLimit: "hop_limit"
        case .floodRate: "flood_rate"
        case .reflected: "reflected"
        case .noReceiver: "no_receiver"
        case .linkDown: "link_down"
        case .socketFull: "socket_full"
        }
    }
}
