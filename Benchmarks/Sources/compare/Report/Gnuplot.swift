import Figures
import Foundation
import Glibc

/// Draws charts with gnuplot.
enum Gnuplot {
    /// - Throws: `Failure` when gnuplot is missing or does not take the script.
    static func draw(_ chart: Chart) throws -> ThemedSVG {
        let script = FileManager.default.temporaryDirectory.appendingPathComponent("compare-\(getpid()).gnuplot")
        defer { try? FileManager.default.removeItem(at: script) }
        try Data(chart.script.utf8).write(to: script)
        let gnuplot = Process()
        gnuplot.executableURL = URL(fileURLWithPath: Programs.find("gnuplot") ?? "/usr/bin/gnuplot")
        gnuplot.arguments = [script.path]
        let output = Pipe()
        gnuplot.standardOutput = output
        try gnuplot.run()
        let drawn = output.fileHandleForReading.readDataToEndOfFile()
        gnuplot.waitUntilExit()
        guard gnuplot.terminationStatus == 0 else { throw Failure("gnuplot ended with \(gnuplot.terminationStatus)") }
        return ThemedSVG(String(decoding: drawn, as: UTF8.self))
    }
}
