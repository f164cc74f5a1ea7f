import Foundation

/// A run of the workloads under Valgrind's callgrind, which counts their instructions.
struct Callgrind {
    /// Operations of each workload that are counted.
    private static let operations = 200

    /// What makes a count the same on every machine.
    private static let environment = [
        // glibc chooses its memcpy and the like by the processor, and by the size of its caches: no choice but the plainest.
        "GLIBC_TUNABLES":
            "glibc.cpu.hwcaps=-AVX2,-AVX,-AVX_Fast_Unaligned_Load,-ERMS,-FSRM,-SSSE3,-SSE4_1,-SSE4_2,-BMI2"
            + ":glibc.cpu.x86_non_temporal_threshold=0x4000000:glibc.cpu.x86_rep_movsb_threshold=0x4000000",
        // Swift's hashes are different in every process; how many of them collide is, too.
        "SWIFT_DETERMINISTIC_HASHING": "1",
    ]

    /// Where the profiles are: `profile.1` and so on, for callgrind_annotate.
    let folder: URL

    /// Runs `program`, which dumps a profile for each workload.
    func run(_ program: URL) throws -> [String: Int] {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = [
            "valgrind", "--quiet", "--tool=callgrind", "--compress-strings=no",
            "--callgrind-out-file=\(folder.path)/profile", program.path, "\(Self.operations)",
        ]
        process.environment = ProcessInfo.processInfo.environment.merging(Self.environment) { _, ours in ours }
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure("valgrind ended with \(process.terminationStatus); .ci/install tests installs it")
        }
        let profiles = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        return Dictionary(try profiles.compactMap(Self.count)) { first, _ in first }
    }

    /// What one profile says: its workload, and the instructions of one operation. The profile takes the workload's name.
    private static func count(in profile: URL) throws -> (String, Int)? {
        let text = String(decoding: try Data(contentsOf: profile), as: UTF8.self)
        func value(after prefix: String) -> Substring? {
            text.split(separator: "\n").first { $0.hasPrefix(prefix) }?.dropFirst(prefix.count)
        }
        // The last profile, of the program's end, is no workload's.
        guard let name = value(after: "desc: Trigger: Client Request: "),
            let total = value(after: "totals: ").flatMap({ Int($0) })
        else { return nil }
        try FileManager.default.moveItem(at: profile, to: profile.deletingLastPathComponent().appending(path: name))
        return (String(name), (total + operations / 2) / operations)
    }
}

/// Why nothing could be counted, as a sentence.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
