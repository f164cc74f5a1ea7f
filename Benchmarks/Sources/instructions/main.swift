// Benchmarks/instructions [--update]: counts the instructions of every workload and compares them with those that are
// written down in instructions.json, or writes them down.
//
// Exit code: 0 nothing has become dearer, 1 something has, 2 nothing could be counted.
import Foundation
import Thresholds

/// The file beside the script, and where this program was built.
let file = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "../../instructions.json").standardized
let counted = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent().appending(
    path: "Counted")

func run() throws -> Int32 {
    let arguments = CommandLine.arguments.dropFirst()
    guard arguments.isEmpty || arguments == ["--update"] else {
        throw Failure("usage: Benchmarks/instructions [--update]")
    }
    let folder = FileManager.default.temporaryDirectory.appending(path: "openvmnet-instructions-\(UUID().uuidString)")
    let counts = try Callgrind(folder: folder).run(counted)
    var thresholds = Thresholds(tolerancePercent: 5, instructions: [:])
    if let data = try? Data(contentsOf: file) { thresholds = try JSONDecoder().decode(Thresholds.self, from: data) }

    let comparisons = Comparison.of(counts, with: thresholds)
    print(ComparisonTable.text(comparisons))
    if arguments == ["--update"] {
        thresholds.instructions = counts
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try (encoder.encode(thresholds) + Data("\n".utf8)).write(to: file)
    } else {
        for advice in comparisons.compactMap(\.advice) { print(advice) }
        guard !comparisons.contains(where: \.isFailure) else {
            print("profiles: \(folder.path)")
            return 1
        }
    }
    try FileManager.default.removeItem(at: folder)
    return 0
}

do {
    exit(try run())
} catch {
    FileHandle.standardError.write(Data("instructions: \(error)\n".utf8))
    exit(2)
}
