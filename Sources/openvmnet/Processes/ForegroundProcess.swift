import Glibc
import VmnetSystem

/// Waits for a command as if it ran in this process's place.
enum ForegroundProcess {
    /// Passed on to the command, when a process sent them: what the terminal sends, it sends to the command too.
    static let forwardedSignals = [SIGTERM, SIGINT, SIGHUP, SIGQUIT]

    /// Waits until the process has ended. `signals` are those of `forwardedSignals`.
    static func wait(
        for process: borrowing SpawnedProcess, _ signals: borrowing SignalDescriptor
    ) throws(SystemError) -> ExitStatus {
        let epoll = try Epoll()
        try epoll.add(process.descriptor, .readable, token: 0)
        try epoll.add(signals.descriptor, .readable, token: 1)
        var list = Epoll.EventList(capacity: 2)
        while true {
            try epoll.wait(into: &list, timeout: nil)
            while let delivery = signals.nextDelivery() {
                // A command that has become another user's, as sudo does, gets no signal of ours; it runs on.
                if !delivery.isFromKernel { try? process.send(signal: delivery.signal) }
            }
            if let status = try process.exitStatus() { return status }
        }
    }
}
