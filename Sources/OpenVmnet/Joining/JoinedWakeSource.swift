/// Everything that can wake the thread of an interface on another process's network. It travels as the token of an epoll
/// event.
enum JoinedWakeSource: UInt64 {
    /// The interface is to be looked at, or to stop.
    case wakeUp
    /// The network has sent frames, takes frames again, or has gone.
    case frames
    /// The network has let go of the guest.
    case guest
}
