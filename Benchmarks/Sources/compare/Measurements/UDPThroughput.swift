import Figures

/// How many datagrams of usual size go through.
struct UDPThroughput: Measurement {
    let id = "udp"
    let title = "UDP, 1400-byte datagrams"
    let method = """
        iperf3 offers 3 Gbit/s of 1400-byte datagrams for one second; what arrives is counted, and what part was lost on \
        the way. MTU 1500. Made once, not in every round.
        """
    let columns = ["up", "down"].flatMap {
        [
            Column($0, $0, unit: "Gbit/s", isHigherBetter: true, decimals: 2),
            Column("loss-\($0)", "lost \($0)", unit: "%", isHigherBetter: false, decimals: 1),
        ]
    }
    let expectedSeconds = 2.6
    /// `DatagramRate` is, whose ends take less of what is measured.
    let isRepeated = false

    func suits(_ path: any Path) -> Bool { !(path is KernelBridge) }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        let seat = try bench.seat(path, mtu: 1500)
        var readings = Readings()
        for direction in ["up", "down"] {
            let options =
                ["--udp", "--length", "1400", "--bitrate", "3G"] + (direction == "up" ? [] : ["--reverse"])
            do {
                let report = try Iperf3(from: seat.guest, to: seat.attachment.host, options: options).finish()
                readings[direction] = report.received.bitsPerSecond / 1e9
                readings["loss-\(direction)"] = report.lostPercent
            } catch {
                readings.fail(direction, "\(error)")
            }
        }
        return readings
    }
}
