import Figures

/// How well guests of one network reach each other.
struct GuestToGuest: Measurement {
    let id = "guest-to-guest"
    let title = "Guest to guest"
    let method = """
        iperf3 for one second from one guest to another on the same network, MTU 1500, and one-octet exchanges with \
        an echo server in the other guest.
        """
    let columns = [
        Column("throughput", "1 stream", unit: "Gbit/s", isHigherBetter: true, decimals: 2),
        Column("cpu", "CPU", unit: "s/GB", isHigherBetter: false, decimals: 2),
        Column("rr", "TCP RR p50", unit: "µs", isHigherBetter: false, decimals: 0),
    ]
    let expectedSeconds = 1.9

    func suits(_ path: any Path) -> Bool { path.joinsGuests }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        try Seat.with(path, guestCount: 2) { seat in
            try measure(seat.guests, seat.attachment, isLimit: path.role == .limit)
        }
    }

    private func measure(_ guests: [Namespace], _ attachment: Attachment, isLimit: Bool) throws -> Readings {
        let echo = try guests[1].start([Programs.probe, "echo", "\(Stage.echoPort)"])
        try echo.wait(for: "ready", within: 5)
        var readings = Readings()
        readings["rr"] = try withExtendedLifetime(echo) {
            try ProbeAnswer(
                "tcp-rr", attachment.addresses[1], "\(Stage.echoPort)", "0.3", in: guests[0], within: 10
            ).value("median")
        }
        let before = attachment.processorSeconds
        let report = try Iperf3(from: guests[0], to: attachment.addresses[1], in: guests[1]).finish()
        readings["throughput"] = report.received.bitsPerSecond / 1e9
        if !isLimit {
            readings["cpu"] = (attachment.processorSeconds - before) / (report.received.bytes / 1e9)
        }
        return readings
    }
}
