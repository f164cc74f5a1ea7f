/// How the interface of a bridged network is.
public enum UplinkState: String, Sendable {
    /// Frames pass.
    case up
    /// It is down, or has no carrier: frames to it are lost until it is up again.
    case down
    /// It has been deleted. The network waits for one of the same name.
    case gone
}
