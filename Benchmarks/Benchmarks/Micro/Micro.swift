import Benchmark
import Workloads

let benchmarks: @Sendable () -> Void = {
    for workload in Workload.all {
        Benchmark(workload.name, configuration: .init(metrics: [.wallClock, .throughput], scalingFactor: .kilo)) {
            benchmark in
            let run = try workload.prepare()
            benchmark.startMeasurement()
            run(benchmark.scaledIterations.count)
        }
    }
}
