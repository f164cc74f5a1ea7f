import Figures

/// How much goes down to guests whose driver joins what they are sent, as that of a virtual machine does.
struct JoinedThroughput: Measurement {
    let id = "tcp-gro"
    let title = "TCP throughput with generic receive offload"
    let method = """
        As before, down to the guest with MTU 1500, but the stand-in for a virtual machine on stream sockets joins \
        the segments of each batch before the guest's kernel takes them, as Linux's drivers do. The frames on the \
        socket are the same.
        """
    let columns = [
        Column("down", "down, 1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 2),
        Column("cpu", "CPU", unit: "s/GB", isHigherBetter: false, decimals: 2),
    ]
    let expectedSeconds = 1.5

    func suits(_ path: any Path) -> Bool { path is any StreamPath }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        guard let path = path as? any StreamPath else { throw Failure("no machine stands on this path") }
        let guest = try Namespace(guest: path.id)
        let attachment = try path.attach([guest], mtu: 1500, by: .joining)
        return try withExtendedLifetime((guest, attachment)) {
            let before = attachment.processorSeconds
            let report = try Iperf3(from: guest, to: attachment.host, options: ["--reverse"]).finish()
            var readings = Readings()
            readings["down"] = report.received.bitsPerSecond / 1e9
            readings["cpu"] = (attachment.processorSeconds - before) / (report.received.bytes / 1e9)
            return readings
        }
    }
}
