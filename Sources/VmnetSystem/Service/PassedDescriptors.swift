import Glibc

/// Descriptors that the service manager started this process with (sd_listen_fds(3)): sockets at which it took
/// connections for us, and those that a predecessor had it store.
///
/// Each belongs to whoever takes it; what nobody takes stays open as long as the process.
package struct PassedDescriptors: Sendable {
    /// One of them.
    package struct Item: Equatable, Sendable {
        /// What the service manager or the predecessor called it: `openvmnet@lab.socket`.
        package let name: String
        package let number: Int32
    }

    /// In the order in which they were passed.
    private var items: [Item] = []

    /// The first descriptor that is passed, SD_LISTEN_FDS_START.
    package static let start: Int32 = 3
    /// Descriptors beyond are nobody's: no service manager stores so many.
    private static let mostDescriptors: Int32 = 1 << 16

    /// Reads `$LISTEN_PID`, `$LISTEN_FDS` and `$LISTEN_FDNAMES`. Empty when they are missing, or meant for another process:
    /// the environment is inherited, the descriptors need not be.
    ///
    /// - Parameters:
    ///   - environment: looks a variable up, such as `Environment.value`.
    ///   - process: the one that they must be meant for.
    ///   - start: the number of the first.
    package init(_ environment: (String) -> String?, process: Int32 = getpid(), start: Int32 = Self.start) {
        guard environment("LISTEN_PID").flatMap({ Int32($0) }) == process,
            let count = environment("LISTEN_FDS").flatMap({ Int32($0) }), (1...Self.mostDescriptors).contains(count)
        else { return }
        let names = (environment("LISTEN_FDNAMES") ?? "").split(separator: ":", omittingEmptySubsequences: false)
        for offset in 0..<count where Descriptor.isOpen(start + offset) {
            let name = names.count == Int(count) ? String(names[Int(offset)]) : "unknown"
            _ = fcntl(start + offset, F_SETFD, FD_CLOEXEC)
            items.append(Item(name: name, number: start + offset))
        }
    }

    /// Whether there is one that is meant.
    package func contains(where isMeant: (String) -> Bool) -> Bool {
        items.contains { isMeant($0.name) }
    }

    /// Takes those whose names are meant: `control` for a socket that the unit calls so.
    package mutating func take(where isMeant: (String) -> Bool) -> [Item] {
        let taken = items.filter { isMeant($0.name) }
        items.removeAll { isMeant($0.name) }
        return taken
    }
}
