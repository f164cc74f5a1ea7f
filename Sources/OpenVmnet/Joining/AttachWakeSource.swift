/// Everything that an attach server waits for. It travels as the token of an epoll event.
enum AttachWakeSource: Equatable {
    /// A client connects.
    case entrance
    /// A client has said something, or has gone.
    case visitor(UInt32)

    /// The kind in the high half, the number in the low half.
    var token: UInt64 {
        switch self {
        case .entrance: 0
        case .visitor(let number): 1 << 32 | UInt64(number)
        }
    }

    init?(token: UInt64) {
        switch token >> 32 {
        case 0: self = .entrance
        case 1: self = .visitor(UInt32(truncatingIfNeeded: token))
        default: return nil
        }
    }
}
