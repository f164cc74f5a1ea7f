import Synchronization
import VmnetSystem

extension Network {
    /// A text by which another process can join the network: `JoinedNetwork(serialization:)`, or
    /// `vmnet_network_create_with_serialization`.
    ///
    /// The same one each time, of printable ASCII without spaces: for an environment variable, a file or a pipe. Whoever has
    /// it may attach interfaces, also as another user, so it is to be kept like a password. It means something in this
    /// network namespace, and as long as the network lives; those who have joined do not keep it.
    ///
    /// - Throws: `.system` when the kernel has no socket or thread left.
    public func serialization() throws(VmnetError) -> String {
        do {
            return try sharing.withLock { sharing in
                let current = try sharing ?? NetworkSharing(self)
                sharing = current
                return "\(current.key)"
            }
        } catch {
            throw VmnetError(error)
        }
    }
}
