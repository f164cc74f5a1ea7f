import Figures
import Glibc

/// What a network costs while its guest is silent.
struct Idle: Measurement {
    let id = "idle"
    let title = "At rest"
    let method = """
        A new guest is attached and silent. Half a second later the path's processes are watched for one second: their \
        time on a processor, and their resident memory with the shared libraries in it.
        """
    let columns = [
        Column("cpu", "CPU", unit: "ms/s", isHigherBetter: false, decimals: 2),
        Column("memory", "memory", unit: "MB", isHigherBetter: false, decimals: 1),
    ]
    let expectedSeconds = 1.7
    let isRepeated = false

    func suits(_ path: any Path) -> Bool { path.role != .limit }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        try Seat.with(path) { seat in
            usleep(500_000)
            let before = seat.attachment.processorSeconds
            sleep(1)
            var readings = Readings()
            readings["cpu"] = (seat.attachment.processorSeconds - before) * 1000
            readings["memory"] = seat.attachment.residentBytes / 1e6
            return readings
        }
    }
}
