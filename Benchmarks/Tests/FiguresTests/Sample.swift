import Figures

/// Results of two rounds: one path of ours, two peers of which one has a failure, and a limit.
enum Sample {
    static let results: Results = {
        var results = Results(
            machine: Results.Machine(
                processor: "Processor", cores: 2, kernel: "6.1", congestionControl: "cubic",
                batchesWrites: true,
                date: "2026-01-01T00:00:00Z", loadBefore: 0.25),
            rounds: 2,
            paths: [
                path("ours", "Ours <TAP>", "ours"), path("peer", "Peer", "peer"), path("broken", "Broken", "peer"),
                path("absent", "Absent", "peer", missing: ["absent"]), path("loopback", "loopback", "limit"),
            ])
        var measurement = MeasurementResult(
            id: "tcp-1500", title: "TCP", method: "As it is.",
            columns: [
                Column("up-1", "up, 1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 2),
                Column("down-1", "down, 1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 2),
            ])
        for (path, up) in [("ours", 4.0), ("ours", 6.0), ("peer", 2.0), ("loopback", 1234.5)] {
            var readings = Readings()
            readings["up-1"] = up
            measurement.add(readings, of: path)
        }
        measurement.fail("broken", "no | route")
        results.measurements = [measurement]
        return results
    }()

    static var measurement: MeasurementResult { results.measurements[0] }

    private static func path(_ id: String, _ title: String, _ role: String, missing: [String] = []) -> Results.PathFacts
    {
        Results.PathFacts(id: id, title: title, role: role, version: "1.0", missing: missing)
    }
}
