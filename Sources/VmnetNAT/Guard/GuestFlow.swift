import VmnetSwitch
import VmnetWire

/// A packet of the guest that libslirp may see, if limits and the state of its flow allow.
struct GuestFlow: Equatable {
    enum Content: Equatable {
        case tcp(TCPSegment)
        case udp
        case echo
    }

    var content: Content
    /// As libslirp will see the addresses: of a DNS query, the resolver's alias.
    var source: IPv6Address
    var destination: IPv6Address
    var sourcePort: UInt16
    var destinationPort: UInt16
    /// Where the transport header begins in the frame.
    var transportOffset: Int
    /// Bytes of the frame up to the end of the IP packet. What follows is padding, which libslirp takes for data when it
    /// is behind an IPv6 header.
    var byteCount: Int
    /// What must be changed on the way.
    var edits: FrameEdits = []

    /// nil for an echo request: each has a socket of its own; and for a datagram, which libslirp does not see.
    var key: FlowKey? {
        switch content {
        case .tcp:
            .tcp(
                source: source, sourcePort: sourcePort, destination: destination, destinationPort: destinationPort)
        case .udp, .echo: nil
        }
    }

    /// The same with the destination that libslirp knows it by.
    func addressed(to alias: FlowKey) -> GuestFlow {
        var flow = self
        flow.destination = alias.destination
        flow.destinationPort = alias.destinationPort
        flow.edits.insert(.peer)
        return flow
    }

    var kind: FlowKind {
        switch content {
        case .tcp: .tcp
        case .udp: .udp
        case .echo: .icmp
        }
    }
}

/// Changes to a frame on its way to libslirp.
struct FrameEdits: OptionSet, Sendable {
    let rawValue: UInt8

    /// The destination becomes the resolver's alias.
    static let resolver = FrameEdits(rawValue: 1)
    /// TCP's urgent flag and pointer are cleared.
    static let urgent = FrameEdits(rawValue: 2)
    /// TCP's maximum segment size becomes what libslirp uses.
    static let segmentSize = FrameEdits(rawValue: 4)
    /// TCP's window becomes smaller by one.
    static let window = FrameEdits(rawValue: 8)
    /// The destination and its port become what libslirp knows the connection by.
    static let peer = FrameEdits(rawValue: 16)
}

/// What a frame is, as far as it can be told from the frame alone.
enum Classification: Equatable {
    /// Address resolution for or about the gateway, in either family: libslirp handles it as it is.
    case resolution(AddressResolution)
    /// Part of an IPv4 datagram.
    case fragment(IPv4Header)
    case flow(GuestFlow)
    /// Not for the NAT, and nobody's fault: a broadcast that the segment has heard.
    case ignore
    case drop(DropReason)
    /// Against policy; the guest is told in the way of the protocol.
    case refuse(Refusal)
}

/// A message of ARP or neighbour discovery.
struct AddressResolution: Equatable {
    /// Bytes of the frame up to the end of the message.
    let byteCount: Int
    /// Whether it answers, or may answer, a question for the guest's address.
    let isAnswer: Bool
}
