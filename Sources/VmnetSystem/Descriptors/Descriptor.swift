import Glibc

/// A file descriptor with one owner, closed when the owner lets go of it.
package struct Descriptor: ~Copyable, Sendable {
    /// The number, for calls that borrow it. It is valid as long as this value is.
    package let raw: Int32

    /// Takes over a descriptor that nobody else will close.
    package init(owning raw: Int32) {
        self.raw = raw
    }

    deinit {
        // No retry: Linux has freed the number even when close(2) is interrupted.
        _ = close(raw)
    }

    /// Gives the number away: closing it is now the caller's.
    package consuming func release() -> Int32 {
        let raw = raw
        discard self
        return raw
    }

    /// A second descriptor for the same open file, closed on exec. The corresponding C call is `fcntl(F_DUPFD_CLOEXEC)`.
    package borrowing func duplicate() throws(SystemError) -> Descriptor {
        try Self.duplicate(raw)
    }

    /// A second descriptor for the open file behind `raw`, which stays its owner's; closed on exec.
    ///
    /// Throws EBADF when nothing is open at that number.
    package static func duplicate(_ raw: Int32) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try SystemCall.run("duplicate the descriptor \(raw)") { fcntl(raw, F_DUPFD_CLOEXEC, 0) })
    }

    /// Sets O_NONBLOCK, which every descriptor of the same open file shares, in other processes too.
    package borrowing func setNonBlocking(_ isOn: Bool = true) throws(SystemError) {
        let raw = raw
        let flags = try SystemCall.run("read the flags of the descriptor \(raw)") { fcntl(raw, F_GETFL) }
        let wanted = isOn ? flags | O_NONBLOCK : flags & ~O_NONBLOCK
        guard wanted != flags else { return }
        try SystemCall.run("set the flags of the descriptor \(raw)") { fcntl(raw, F_SETFL, wanted) }
    }

    /// Sets whether a program started by this process is without the descriptor.
    package borrowing func setCloseOnExec(_ isOn: Bool = true) throws(SystemError) {
        let raw = raw
        try SystemCall.run("set close-on-exec of the descriptor \(raw)") {
            fcntl(raw, F_SETFD, isOn ? FD_CLOEXEC : 0)
        }
    }
}

extension Descriptor {
    /// Whether something is open at this number.
    package static func isOpen(_ raw: Int32) -> Bool { fcntl(raw, F_GETFD) != -1 }

    /// Keeps the descriptor at this number, which has another owner, from programs that this process starts.
    package static func closeOnExec(_ raw: Int32) throws(SystemError) {
        try SystemCall.run("set close-on-exec of the descriptor \(raw)") { fcntl(raw, F_SETFD, FD_CLOEXEC) }
    }
}
