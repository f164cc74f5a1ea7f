import Figures

/// How well a guest reaches a physical network.
struct LANThroughput: Measurement {
    let id = "lan"
    let title = "On a physical network"
    let method = """
        iperf3 for one second between the guest and a station at the other end of the host's wire, a pair of interfaces \
        with MTU 1500: up from the guest and down to it, with the interfaces' offloads on, as they are by default, and \
        off. CPU is what the whole machine used for each gigabyte that arrived, the two ends included, since the kernel's \
        own bridge works on behalf of others. Then 100,000 datagrams of 64 bytes are sent in a second; what part of them \
        was lost is counted.
        """
    private static let kinds = ["", "plain-"]
    private static let directions = ["up", "down"]

    let columns =
        kinds.flatMap { kind in
            directions.map {
                Column(
                    "\(kind)\($0)", kind.isEmpty ? $0 : "\($0), no offloads", unit: "Gbit/s", isHigherBetter: true,
                    decimals: 2)
            }
        }
        + directions.map {
            Column("cpu-\($0)", "CPU \($0)", unit: "s/GB", isHigherBetter: false, decimals: 2)
        }
        + directions.map {
            Column("loss-\($0)", "small lost \($0)", unit: "%", isHigherBetter: false, decimals: 2)
        }
    let expectedSeconds = 8.0

    func suits(_ path: any Path) -> Bool { path is any LANPath }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        try Seat.with(path, guestCount: 2) { seat in
            var readings = Readings()
            for kind in Self.kinds {
                if !kind.isEmpty { try Self.turnOffOffloads(seat) }
                for direction in Self.directions {
                    let before = Processor.busySeconds
                    let report = try Self.run(seat, direction, [])
                    readings["\(kind)\(direction)"] = report.received.bitsPerSecond / 1e9
                    guard kind.isEmpty else { continue }
                    readings["cpu-\(direction)"] = (Processor.busySeconds - before) / (report.received.bytes / 1e9)
                }
            }
            for direction in Self.directions {
                let options = ["--udp", "--length", "64", "--bitrate", "51.2M"]
                readings["loss-\(direction)"] = try Self.run(seat, direction, options).lostPercent
            }
            return readings
        }
    }

    private static func run(_ seat: Seat, _ direction: String, _ options: [String]) throws -> Iperf3Report {
        try Iperf3(
            from: seat.guest, to: seat.attachment.host, in: seat.guests[1],
            options: options + (direction == "up" ? [] : ["--reverse"])
        ).finish()
    }

    private static func turnOffOffloads(_ seat: Seat) throws {
        for guest in seat.guests {
            try guest.shell("ethtool -K eth0 tx off sg off tso off gso off gro off >/dev/null 2>&1 || true")
        }
    }
}
