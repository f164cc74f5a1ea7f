import Foundation
import Glibc

/// What the kernel says about a process: /proc/PID.
struct ProcessFigures: Sendable {
    /// Resident memory in KiB.
    let residentKiB: Int
    /// Open descriptors.
    let descriptorCount: Int
    /// Time on a processor in nanoseconds, all threads.
    let processorNanoseconds: Int
    /// How often its threads went to sleep, which is how often they had woken up.
    let sleepCount: Int

    init(of pid: pid_t) {
        let files = FileManager.default
        let threads = (try? files.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
        residentKiB = Self.field("VmRSS:", of: "/proc/\(pid)/status")
        descriptorCount = (try? files.contentsOfDirectory(atPath: "/proc/\(pid)/fd").count) ?? 0
        processorNanoseconds = threads.reduce(0) { sum, thread in
            sum
                + (text(ofFile: "/proc/\(pid)/task/\(thread)/schedstat").split(separator: " ").first.flatMap { Int($0) }
                    ?? 0)
        }
        sleepCount = threads.reduce(0) { sum, thread in
            sum + Self.field("voluntary_ctxt_switches:", of: "/proc/\(pid)/task/\(thread)/status")
        }
    }

    private static func field(_ name: String, of file: String) -> Int {
        let line = text(ofFile: file).split(separator: "\n").first { $0.hasPrefix(name) }
        return line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap { Int($0) } ?? 0
    }
}
