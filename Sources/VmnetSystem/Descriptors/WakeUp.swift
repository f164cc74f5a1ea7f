import CVmnetLinux
import Glibc
import SystemPackage

/// A descriptor that one thread makes readable to wake another. The corresponding C call is `eventfd`.
package struct WakeUp: ~Copyable, Sendable {
    private let event: Descriptor

    package init() throws(SystemError) {
        event = Descriptor(
            owning: try SystemCall.run("create an event descriptor") {
                eventfd(0, Int32(EFD_CLOEXEC) | Int32(EFD_NONBLOCK))
            })
    }

    /// Readable from `signal()` until `consume()`.
    package var descriptor: Int32 { event.raw }

    /// Wakes whoever waits, from any thread; does nothing more when they have not woken up yet.
    package borrowing func signal() {
        let raw = event.raw
        // It fails only when the counter is about to overflow, and then the descriptor is readable anyway.
        _ = SystemCall.result { eventfd_write(raw, 1) }
    }

    /// Makes the descriptor unreadable again. Call it before looking at what the signal was about.
    package borrowing func consume() {
        let raw = event.raw
        var count: eventfd_t = 0
        // Safety: the kernel writes one counter. It fails only when there was no signal.
        _ = SystemCall.result { unsafe eventfd_read(raw, &count) }
    }
}
