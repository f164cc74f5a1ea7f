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
        let seat = Seat(guests: [guest], attachment: try path.attach([guest], mtu: 1500, by: .joining))
        let transfer = try withExtendedLifetime(seat) { try seat.transfer(["--reverse"]) }
        var readings = Readings()
        readings["down"] = transfer.gigabits
        readings["cpu"] = transfer.cost
        return readings
    }
}
