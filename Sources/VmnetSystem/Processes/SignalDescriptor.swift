import CVmnetLinux
import Glibc
import SystemPackage

/// Signals as something to read. The corresponding C calls are `sigprocmask` and `signalfd`.
package struct SignalDescriptor: ~Copyable, Sendable {
    private let signals: Descriptor

    /// Blocks the signals in the calling thread, and takes them from then on: `[SIGTERM, SIGINT, SIGHUP, SIGCHLD]`.
    ///
    /// Call it before there is a second thread: threads inherit the mask, and a signal goes to any thread that has not
    /// blocked it. The signals stay blocked when the value goes, since one that is pending would then end the process.
    package init(_ signals: [Int32]) throws(SystemError) {
        var set = sigset_t()
        // Safety: the set is the size that the calls expect.
        unsafe sigemptyset(&set)
        for signal in signals {
            // Safety: as above.
            try SystemCall.run("watch the signal \(signal)") { unsafe sigaddset(&set, signal) }
        }
        // Safety: as above.
        let error = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        guard error == 0 else { throw SystemError("block signals", Errno(rawValue: error)) }
        self.signals = Descriptor(
            owning: try SystemCall.run("create a signal descriptor") {
                unsafe signalfd(-1, &set, Int32(SFD_CLOEXEC) | Int32(SFD_NONBLOCK))
            })
    }

    /// Readable while a signal waits.
    package var descriptor: Int32 { signals.raw }

    /// A signal that has come.
    package struct Delivery: Equatable, Sendable {
        package let signal: Int32
        /// Whether the kernel sent it of itself, as it does for a terminal (SI_KERNEL, sigaction(2)): then every
        /// process in the terminal's foreground has got it.
        package let isFromKernel: Bool
    }

    /// The next signal that waits; nil when none does. Several of one kind count as one.
    package borrowing func next() -> Int32? { nextDelivery()?.signal }

    /// The same, and where it came from.
    package borrowing func nextDelivery() -> Delivery? {
        var bytes = [UInt8](repeating: 0, count: MemoryLayout<signalfd_siginfo>.size)
        var room = bytes.mutableSpan
        guard case .moved(bytes.count) = signals.read(into: &room) else { return nil }
        // struct signalfd_siginfo begins with the signal's number, which is below 65; its third word is the code.
        return Delivery(signal: Int32(bytes[0]), isFromKernel: bytes[8..<12].elementsEqual([0x80, 0, 0, 0]))
    }

    /// Blocks until one of the signals comes, and takes it.
    package borrowing func wait() throws(SystemError) -> Int32 {
        let epoll = try Epoll()
        try epoll.add(descriptor, .readable, token: 0)
        var list = Epoll.EventList(capacity: 1)
        while true {
            if let signal = next() { return signal }
            try epoll.wait(into: &list, timeout: nil)
        }
    }

    /// Lets a write to a pipe or socket without a reader fail with EPIPE instead of ending the process.
    package static func ignoreBrokenPipe() {
        _ = signal(SIGPIPE, SIG_IGN)
    }
}
