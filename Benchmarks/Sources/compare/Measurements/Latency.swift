import Figures

/// How long a small question and its answer take.
struct Latency: Measurement {
    /// Of each kind of exchange.
    let seconds: Double

    let id = "latency"
    let title = "Latency"
    let method = """
        A client in the guest and an echo server on the host exchange one octet, one exchange after the other, with \
        blocking sockets and TCP_NODELAY: on one connection (RR), with a new connection for each (CRR), and as datagrams \
        (UDP RR). MTU 1500.
        """
    private static let exchanges = ["tcp-rr": "TCP RR", "tcp-crr": "TCP CRR", "udp-rr": "UDP RR"]
    private static let order = ["tcp-rr", "tcp-crr", "udp-rr"]
    let columns = Self.order.flatMap { exchange in
        [("p50", "p50"), ("p99", "p99")].map { part, title in
            Column(
                "\(exchange)-\(part)", "\(Self.exchanges[exchange] ?? exchange) \(title)", unit: "µs",
                isHigherBetter: false, decimals: 0)
        }
    }
    var expectedSeconds: Double { 3 * seconds + 0.1 }

    func suits(_ path: any Path) -> Bool { !(path is KernelBridge) }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        let seat = try bench.seat(path, mtu: 1500)
        var readings = Readings()
        for exchange in Self.order {
            do {
                let answer = try ProbeAnswer(
                    exchange, seat.attachment.host, "\(Stage.echoPort)", "\(seconds)", in: seat.guest, within: 10)
                readings["\(exchange)-p50"] = try answer.value("median")
                readings["\(exchange)-p99"] = try answer.value("p99")
            } catch {
                readings.fail("\(exchange)-p50", "\(error)")
            }
        }
        return readings
    }
}
