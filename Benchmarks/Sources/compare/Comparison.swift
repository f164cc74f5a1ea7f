import Figures
import Foundation
import Glibc
import Probes

/// One run over all measurements and paths.
struct Comparison {
    private let paths: [any Path]
    private let measurements: [any Measurement]
    private let rounds: Int
    private let stage: Stage
    private let bench = Bench()

    init(paths: [any Path], measurements: [any Measurement], rounds: Int) throws {
        self.paths = paths
        self.measurements = measurements
        self.rounds = rounds
        stage = try Stage()
    }

    func run() -> Results {
        withExtendedLifetime(stage) { visitAll() }
    }

    private func visitAll() -> Results {
        let facts = paths.map {
            Results.PathFacts(
                id: $0.id, title: $0.title, role: $0.role.rawValue, version: $0.version, missing: $0.missing)
        }
        var results = Results(machine: .current(), rounds: rounds, paths: facts)
        let start = monotonicNanoseconds()
        var schedule = Schedule(plan())
        var progress = Progress()
        results.measurements = measurements.map {
            MeasurementResult(id: $0.id, title: $0.title, method: $0.method, columns: $0.columns)
        }
        for visit in schedule.visits {
            let began = monotonicNanoseconds()
            progress.show(schedule, visit, elapsedSeconds: Double(began - start) / 1e9)
            perform(visit, &results)
            schedule.finish(visit, seconds: Double(monotonicNanoseconds() - began) / 1e9)
        }
        progress.end()
        results.seconds = Double(monotonicNanoseconds() - start) / 1e9
        return results
    }

    private func plan() -> [Schedule.Item] {
        let available = paths.filter { $0.missing.isEmpty }
        return measurements.map { measurement in
            Schedule.Item(
                measurement: measurement.id, paths: available.filter { measurement.isFor($0) }.map(\.id),
                rounds: measurement.isRepeated ? rounds : 1, expectedSeconds: measurement.expectedSeconds)
        }
    }

    /// A path that fails gets that reason in its cells, and a new guest for the next measurement.
    private func perform(_ visit: Schedule.Visit, _ results: inout Results) {
        guard let place = measurements.firstIndex(where: { $0.id == visit.measurement }),
            let path = paths.first(where: { $0.id == visit.path })
        else { return }
        do {
            let readings = try measurements[place].measure(path, on: bench)
            results.measurements[place].add(readings, of: path.id)
            if !readings.failures.isEmpty { bench.dismiss(path) }
        } catch {
            results.measurements[place].fail(path.id, "\(error)")
            bench.dismiss(path)
        }
    }
}
