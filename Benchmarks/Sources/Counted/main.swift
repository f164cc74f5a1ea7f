// Runs every workload under callgrind, and has it write down what each took: first so often that nothing is done for the
// first time any more, then as often as the argument says.
import CCallgrind
import Workloads

guard CommandLine.arguments.count == 2, let count = Int(CommandLine.arguments[1]), callgrind_is_running() else {
    fatalError("this is started by Benchmarks/instructions")
}

for workload in Workload.all {
    let run = try workload.prepare()
    run(max(20, count / 10))
    callgrind_zero()
    run(count)
    // Safety: callgrind copies the name.
    unsafe callgrind_dump(workload.name)
}
