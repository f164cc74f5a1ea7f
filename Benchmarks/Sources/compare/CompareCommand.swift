import ArgumentParser
import Figures
import Foundation

/// The command line of the comparison.
struct CompareCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "compare",
        abstract: "Measures OpenVmnet beside every peer that is installed, and writes a report.",
        discussion: "Start it with Benchmarks/compare, which installs what is missing and makes the namespaces.")

    @Flag(help: "A first look in under two minutes: one round, fewer combinations.")
    var quick = false

    @Option(help: "How often each measurement is made with each path (3, quick: 1).")
    var rounds: Int?

    @Option(
        parsing: .upToNextOption,
        help: "Only paths and measurements of these names, or names that begin so: tcp-1500 pasta openvmnet.")
    var only: [String] = []

    @Option(help: "The folder for results.json, results.md, results.html and headline.svg.")
    var output = "benchmark-results"

    @Flag(help: "List the names of paths and measurements.")
    var list = false

    @Option(help: "Measure nothing: write the reports of an earlier results.json anew.")
    var render: String?

    func validate() throws {
        if let rounds, rounds < 1 { throw ValidationError("--rounds is at least 1") }
        let names = allPaths.map(\.id) + allMeasurements(isQuick: quick).map(\.id)
        for word in only where !names.contains(where: { $0.hasPrefix(word) }) {
            throw ValidationError("--only \(word): there are \(names.joined(separator: ", "))")
        }
    }

    func run() throws {
        if list { return printNames() }
        if let render {
            let data = try Data(contentsOf: URL(fileURLWithPath: render))
            return try write(JSONDecoder().decode(Results.self, from: data))
        }
        exitOnSignals()
        let comparison = try Comparison(
            paths: chosen(allPaths, \.id), measurements: chosen(allMeasurements(isQuick: quick), \.id),
            rounds: rounds ?? (quick ? 1 : 3))
        try write(comparison.run())
    }

    /// All, unless `--only` names some of this kind.
    private func chosen<Item>(_ items: [Item], _ name: (Item) -> String) -> [Item] {
        let some = items.filter { item in only.contains { name(item).hasPrefix($0) } }
        return some.isEmpty ? items : some
    }

    private func printNames() {
        for path in allPaths {
            print("path         \(path.id.padding(toLength: 18, withPad: " ", startingAt: 0)) \(path.title)")
        }
        for measurement in allMeasurements(isQuick: quick) {
            print(
                "measurement  \(measurement.id.padding(toLength: 18, withPad: " ", startingAt: 0)) \(measurement.title)"
            )
        }
    }

    private func write(_ results: Results) throws {
        let folder = URL(fileURLWithPath: output, isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        for file in try ReportFiles(of: results).files {
            try Data(file.text.utf8).write(to: folder.appendingPathComponent(file.name))
        }
        print("written: \(folder.path)/results.html, results.md, results.json, headline.svg")
    }
}

/// Ends the comparison on Ctrl-C and SIGTERM. It is the first process of its process namespace, so the kernel ends all
/// others with it, and with them their interfaces, namespaces and files.
private func exitOnSignals() {
    for number in [SIGINT, SIGTERM, SIGHUP] {
        // _exit may be called in a signal handler.
        _ = signal(number) { number in _exit(128 + number) }
    }
}
