import VmnetNAT
import VmnetSwitch

/// Everything that can wake a network's thread. It travels as the token of an epoll event.
enum WakeSource: Equatable {
    /// Another thread asks the loop to look around: something was attached, or the network is to stop.
    case wakeUp
    /// A listening socket has a connection to accept, by its place in the network's list.
    case listener(UInt32)
    /// A guest has sent frames, takes frames again, or has gone; or, at the uplink's port, the physical network.
    case transport(PortID)
    /// Sockets of a guest's NAT are ready: the token of its nested epoll set.
    case nat(PortID)
    /// Clients wait at a port forward.
    case forward(ForwardID)
    /// An interface of this host has changed, come or gone.
    case links

    /// The kind in the high half, the number in the low half.
    var token: UInt64 {
        switch self {
        case .wakeUp: 0
        case .listener(let index): 1 << 32 | UInt64(index)
        case .transport(let port): 2 << 32 | UInt64(port.rawValue)
        case .nat(let port): 3 << 32 | UInt64(port.rawValue)
        case .forward(let forward): 4 << 32 | UInt64(forward.rawValue)
        case .links: 5 << 32
        }
    }

    init?(token: UInt64) {
        let number = UInt32(truncatingIfNeeded: token)
        switch token >> 32 {
        case 0: self = .wakeUp
        case 1: self = .listener(number)
        case 2: self = .transport(PortID(rawValue: number))
        case 3: self = .nat(PortID(rawValue: number))
        case 4: self = .forward(ForwardID(rawValue: number))
        case 5: self = .links
        default: return nil
        }
    }
}
