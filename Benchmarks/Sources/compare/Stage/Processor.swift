import Foundation
import Glibc

/// The machine's processors.
enum Processor {
    /// Time that they have spent on anything, all together, in seconds: /proc/stat.
    static var busySeconds: Double {
        guard let data = FileManager.default.contents(atPath: "/proc/stat") else { return 0 }
        let line = String(decoding: data, as: UTF8.self).prefix { $0 != "\n" }
        let ticks = line.split(separator: " ").dropFirst().compactMap { Double($0) }
        // The fourth and the fifth are those in which there was nothing to do.
        guard ticks.count > 5 else { return 0 }
        return (ticks.reduce(0, +) - ticks[3] - ticks[4]) / Double(sysconf(Int32(_SC_CLK_TCK)))
    }
}
