import VmnetSystem

/// A TAP interface in somebody's network namespace.
enum NamespacedTap {
    /// Creates the interface in the namespace at the path, or in the caller's.
    ///
    /// The calling thread enters the namespace for a moment: that needs CAP_SYS_ADMIN over it.
    ///
    /// - Parameter isUnpaced: whether connections of a namespace that has no other interface are not to be paced.
    static func create(_ name: String, in namespace: String?, isUnpaced: Bool) throws(SystemError) -> TapInterface {
        guard let namespace else { return try TapInterface(creating: name, hasVirtioHeader: true) }
        let home = try Namespace.open("/proc/thread-self/ns/net")
        let target = try Namespace.open(namespace)
        try Namespace.enter(target.raw, .network)
        defer {
            // A thread that cannot come back must not go on: everything it opens would be in the wrong place.
            do { try Namespace.enter(home.raw, .network) } catch { preconditionFailure("\(error)") }
        }
        let tap = try TapInterface(creating: name, hasVirtioHeader: true)
        if isUnpaced { CongestionControl.unpaceNamespace(of: tap.name) }
        return tap
    }
}
