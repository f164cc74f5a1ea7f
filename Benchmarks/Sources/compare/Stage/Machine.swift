import Figures
import Foundation
import Glibc
import Probes

extension Results.Machine {
    /// The one that this runs on, now.
    static func current() -> Results.Machine {
        let processors = text(of: "/proc/cpuinfo").split(separator: "\n").filter { $0.hasPrefix("model name") }
        let model = processors.first?.split(separator: ":").last.map { $0.trimmingCharacters(in: .whitespaces) }
        return Results.Machine(
            processor: model ?? "unknown", cores: sysconf(Int32(_SC_NPROCESSORS_ONLN)),
            kernel: line(of: "/proc/sys/kernel/osrelease"),
            congestionControl: line(of: "/proc/sys/net/ipv4/tcp_congestion_control"),
            batchesWrites: FrameWriter.canBatch,
            date: Date().formatted(.iso8601),
            loadBefore: text(of: "/proc/loadavg").split(separator: " ").first.flatMap { Double($0) } ?? 0)
    }

    private static func line(of path: String) -> String {
        text(of: path).trimmingCharacters(in: .whitespacesAndNewlines)
    }

    private static func text(of path: String) -> String {
        FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
