import Figures
import Probes

/// What a flow costs that has nothing to say.
struct IdleFlows: Measurement {
    let kind: IPSocket.Kind
    let counts: [Int]

    init(_ kind: IPSocket.Kind, counts: [Int]) {
        self.kind = kind
        self.counts = counts
    }

    private var word: String { kind == .tcp ? "tcp" : "udp" }
    var id: String { "idle-\(word)" }
    var title: String { "Beside idle \(word.uppercased()) flows" }
    var method: String {
        """
        The guest opens \(word.uppercased()) flows to an echo server on the host, uses each once, and leaves them open; then \
        iperf3 sends one stream up for one second, and one-octet exchanges are timed. MTU 1500. A path fails \
        where fewer than 99 of 100 flows come about within 8 seconds. Made once, not in every round.
        """
    }
    var columns: [Column] {
        counts.map {
            Column("up-\($0)", "\($0) flows", unit: "Gbit/s", isHigherBetter: true, decimals: 2)
        }
            + counts.map {
                Column("rr-\($0)", "TCP RR p50, \($0)", unit: "µs", isHigherBetter: false, decimals: 0)
            } + [Column("memory", "memory at the end", unit: "MB", isHigherBetter: false, decimals: 1)]
    }
    var expectedSeconds: Double { Double(counts.count) * 1.5 + Double(counts.last ?? 0) / 2000 }
    let isRepeated = false

    func suits(_ path: any Path) -> Bool { !(path is KernelBridge) && !(path is Loopback) }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        try Seat.with(path) { seat in climb(seat, isLimit: path.role == .limit) }
    }

    /// More and more flows, as far as they come about.
    private func climb(_ seat: Seat, isLimit: Bool) -> Readings {
        var readings = Readings()
        var holders: [Child] = []
        var open = 0
        for count in counts {
            do {
                if count > open { holders.append(try hold(count - open, on: seat)) }
                open = count
                readings["rr-\(count)"] = try ProbeAnswer(
                    "tcp-rr", seat.attachment.host, "\(Stage.echoPort)", "0.2", in: seat.guest, within: 6
                ).value("median")
                let report = try Iperf3(from: seat.guest, to: seat.attachment.host).finish()
                readings["up-\(count)"] = report.received.bitsPerSecond / 1e9
                if !isLimit { readings["memory"] = seat.attachment.residentBytes / 1e6 }
            } catch {
                for rest in counts where rest >= count { readings.fail("up-\(rest)", "\(error)") }
                break
            }
        }
        return withExtendedLifetime(holders) { readings }
    }

    /// Opens that many flows, and keeps them open as long as the result lives.
    private func hold(_ count: Int, on seat: Seat) throws -> Child {
        let limit = 8.0
        let holder = try seat.guest.start([
            Programs.probe, "idle", word, seat.attachment.host, "\(Stage.echoPort)", "\(count)", "\(limit)",
        ])
        let answer = ProbeAnswer(parsing: try holder.wait(for: "\n", within: limit + 5))
        let established = Int(try answer.value("established"))
        guard established * 100 >= count * 99 else {
            throw Failure("\(established) of \(count) flows in \(Int(limit)) s")
        }
        return holder
    }
}
