import Foundation
import Glibc

/// What the kernel says about a process: /proc/PID.
struct ProcessFigures {
    /// Time on a processor in seconds, user and system, all threads, since the process began.
    let processorSeconds: Double
    /// Resident memory in octets, what it shares with others included.
    let residentBytes: Double

    init(of pid: pid_t) {
        let threads = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        // The first number of schedstat has nanoseconds; utime and stime of stat have hundredths of a second only.
        processorSeconds = threads.reduce(0) { sum, thread in
            sum + (Self.words(of: "/proc/\(pid)/task/\(thread)/schedstat").first.flatMap { Double($0) } ?? 0) / 1e9
        }
        let pages = Self.words(of: "/proc/\(pid)/statm").dropFirst().first.flatMap { Double($0) } ?? 0
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func words(of path: String) -> [Substring] {
        guard let data = FileManager.default.contents(atPath: path) else { return [] }
        return String(decoding: data, as: UTF8.self).split(whereSeparator: \.isWhitespace)
    }
}
