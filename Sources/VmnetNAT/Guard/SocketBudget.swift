import Glibc
import Synchronization

/// How many sockets all NATs of the process may have together, so that descriptors are left for everything else.
struct SocketBudget: Sendable {
    /// Descriptors for ports, files and control connections.
    static let reserve = 192

    /// Sockets of flows in the whole process.
    static let openCount = Atomic<Int>(0)

    let ceiling: Int

    /// What RLIMIT_NOFILE leaves at this moment: raise the limit before.
    static func current() -> SocketBudget {
        var limit = rlimit()
        // Safety: the kernel fills the structure during the call, which cannot fail for a known resource.
        _ = unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return SocketBudget(ceiling: Int(clamping: limit.rlim_cur) - reserve)
    }

    /// Whether a guest that has `held` sockets may have one more.
    ///
    /// The last quarter is for guests that have few, so that one guest's flood leaves something to the others.
    func hasRoom(holding held: Int) -> Bool {
        let open = Self.openCount.load(ordering: .relaxed)
        return open < ceiling / 4 * 3 || open < ceiling && held < ceiling / 16
    }
}
