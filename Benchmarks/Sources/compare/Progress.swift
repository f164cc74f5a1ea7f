import Figures
import Glibc

/// Where the run is and how long it still takes: one line that changes on a terminal, else a line for each measurement.
struct Progress {
    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var last = ""

    mutating func show(_ schedule: Schedule, _ visit: Schedule.Visit, elapsedSeconds: Double) {
        let share = Int(100 * schedule.doneShare(elapsedSeconds: elapsedSeconds))
        let left = minutes(schedule.remainingSeconds)
        if isTerminal {
            say("\r\u{1b}[K\(share) %  \(left) left  \(visit.measurement)  \(visit.path)  round \(visit.round)")
        } else if visit.measurement != last {
            say("\(share) %  \(left) left  \(visit.measurement)\n")
        }
        last = visit.measurement
    }

    func end() { if isTerminal { say("\r\u{1b}[K") } }

    private func say(_ text: String) {
        // Safety: the string lives for the call, and `write` reads no further than its length.
        _ = unsafe text.withCString { unsafe write(STDERR_FILENO, $0, text.utf8.count) }
    }
}
