import Figures

/// How many datagrams of usual size go through, between ends that cost little themselves.
struct DatagramRate: Measurement {
    /// Of sending, each way.
    let seconds: Double

    let id = "datagrams"
    let title = "UDP, datagrams a second"
    var method: String {
        """
        iperf3's two ends need most of two cores for themselves. Here sender and receiver are the comparison's own, which \
        move 32 datagrams with each system call and do little else: datagrams of 1400 bytes as fast as the sender can make \
        them, for \(seconds) seconds each way. What arrives is counted once, by the number in each datagram; astray are those \
        that came twice, with another flow's mark or from another peer. MTU 1500.
        """
    }
    let columns =
        ["up", "down"].flatMap {
            [
                Column($0, $0, unit: "/s", isHigherBetter: true, decimals: 0),
                Column("loss-\($0)", "lost \($0)", unit: "%", isHigherBetter: false, decimals: 1),
            ]
        } + [Column("astray", "astray", unit: "datagrams", isHigherBetter: false, decimals: 0)]
    /// The receiver waits a little for more.
    var expectedSeconds: Double { 2 * (seconds + 0.25) }

    func suits(_ path: any Path) -> Bool { !(path is KernelBridge) }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        let seat = try bench.seat(path, mtu: 1500)
        var readings = Readings()
        var astray = 0.0
        for direction in ["up", "down"] {
            do {
                let (sender, receiver) = try run(direction, on: seat)
                let (sent, received) = (try sender.value("sent"), try receiver.value("received"))
                readings[direction] = try receiver.value("rate")
                readings["loss-\(direction)"] = max(0, sent - received) / sent * 100
                astray += try receiver.value("duplicates") + receiver.value("strangers")
                readings["astray"] = astray
            } catch {
                readings.fail(direction, "\(error)")
            }
        }
        return readings
    }

    /// What both ends say of one flow.
    private func run(_ direction: String, on seat: Seat) throws -> (sender: ProbeAnswer, receiver: ProbeAnswer) {
        let (port, flow, patience) = (Iperf3.nextPort(), "\(UInt64.random(in: .min ... .max))", seconds + 5)
        let guest: ProbeAnswer
        let server: Child
        if direction == "up" {
            server = try Namespace.host.start([Programs.probe, "datagram-sink", port, flow])
            try server.wait(for: "ready", within: 5)
            guest = try ProbeAnswer(
                "datagrams-up", seat.attachment.host, port, flow, "\(seconds)", in: seat.guest, within: patience)
        } else {
            server = try Namespace.host.start([Programs.probe, "datagram-source", port, flow, "\(seconds)"])
            try server.wait(for: "ready", within: 5)
            guest = try ProbeAnswer(
                "datagrams-down", seat.attachment.host, port, flow, in: seat.guest, within: patience)
        }
        let host = ProbeAnswer(parsing: try server.finish(within: patience))
        return direction == "up" ? (guest, host) : (host, guest)
    }
}
