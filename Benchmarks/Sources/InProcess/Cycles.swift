import Glibc
import OpenVmnet
import VmnetSystem
import VmnetWire

/// What is left of interfaces, and of networks, that have come and gone.
func measureCycles(_ count: Int) throws -> [Figure] {
    let network = try runningNetwork()
    return [
        try cycles(count, "interfaces") { _ = try use(network.makeInterface()) },
        try cycles(count, "networks") { _ = try use(runningNetwork().makeInterface()) },
    ]
}

/// An interface that has been sent something, and been asked for all that it makes on demand.
private func use(_ interface: Interface) throws {
    let frame =
        [UInt8](repeating: 0xff, count: 6) + interface.parameters.macAddress.octets + [8, 6]
        + [UInt8](repeating: 0, count: 46)
    interface.setEventHandler { _ in }
    _ = try interface.descriptor
    try interface.write { batch throws(VmnetError) in try batch.add(frame.span) }
}

private func cycles(_ count: Int, _ name: String, _ cycle: () throws -> Void) throws -> Figure {
    for _ in 0..<max(100, count / 10) { try cycle() }
    let before = try Use()
    let start = ContinuousClock.now
    for _ in 0..<count { try cycle() }
    let microseconds = (ContinuousClock.now - start).seconds * 1e6 / Double(count)
    let after = try Use()
    return Figure(
        name: "\(count) \(name) started and stopped, left:",
        value: "\(after.descriptors - before.descriptors) fds, \(after.threads - before.threads) threads, "
            + "\((after.residentBytes - before.residentBytes) / 1024) KiB (\(Figure.number(microseconds, 0)) us each)",
        target: "0 fds, 0 threads")
}

/// What this process uses.
private struct Use {
    let descriptors: Int
    let threads: Int
    let residentBytes: Int

    init() throws {
        descriptors = try Directory.names(in: "/proc/self/fd").count
        threads = try Directory.names(in: "/proc/self/task").count
        let contents = try File.read("/proc/self/statm", maximumByteCount: 4096) ?? []
        let fields = String(decoding: contents, as: UTF8.self).split(separator: " ")
        residentBytes = (Int(fields[1]) ?? 0) * Int(getpagesize())
    }
}
