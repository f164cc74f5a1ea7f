import VmnetControl

/// A network's status for people: what it is in two lines, then its guests, a line each.
struct StatusTable {
    private let status: StatusDocument
    private let now: Int64

    /// - Parameter now: seconds since 1970.
    init(_ status: StatusDocument, now: Int64) {
        self.status = status
        self.now = now
    }

    var text: String {
        let guests = "\(status.guests) \(status.guests == 1 ? "guest" : "guests")"
        let leases = "\(status.leases) \(status.leases == 1 ? "lease" : "leases")"
        let up = RemainingTime(seconds: max(1, now - status.started))
        return """
            \(status.name): \(status.mode), \(subnet), MTU \(status.mtu), \
            process \(status.pid), up \(up)
            \(guests), \(leases); in \(traffic(status.traffic.receivedFrames, status.traffic.receivedBytes)), \
            out \(traffic(status.traffic.sentFrames, status.traffic.sentBytes)), \
            dropped \(status.traffic.droppedFrames)

            \(table)\(status.forwards.isEmpty ? "" : "\n" + ForwardListing(status.forwards).text)
            """
    }

    private var subnet: String {
        if let uplink = status.uplink {
            return "on \(uplink.interface) (\(uplink.state)), "
                + "in \(traffic(uplink.traffic.receivedFrames, uplink.traffic.receivedBytes)), "
                + "out \(traffic(uplink.traffic.sentFrames, uplink.traffic.sentBytes)), "
                + "dropped \(uplink.traffic.droppedFrames)"
        }
        guard let subnet = status.subnet, let gateway = status.startAddress else { return "no gateway" }
        return "\(subnet), gateway \(gateway)"
    }

    private var table: String {
        TextTable(
            header: ["PORT", "TRANSPORT", "MAC", "ADDRESS", "NAME", "IN", "OUT", "DROPPED", "QUEUED", "FLOWS"],
            rows: status.ports.map(row)
        ).text
    }

    private func row(_ port: PortDocument) -> [String] {
        [
            port.id, port.transport + (port.isolated ? " (isolated)" : ""), first(port.macs), first(port.addresses),
            port.name ?? "-", "\(ByteCount(port.traffic.receivedBytes))", "\(ByteCount(port.traffic.sentBytes))",
            "\(port.traffic.droppedFrames)", "\(port.queue.frames)", "\(port.nat.flows)",
        ]
    }

    private func traffic(_ frames: UInt64, _ bytes: UInt64) -> String { "\(frames) frames (\(ByteCount(bytes)))" }

    /// A guest may have many: a bridge, or one that floods.
    private func first(_ values: [String]) -> String {
        guard let first = values.first else { return "-" }
        return values.count == 1 ? first : "\(first) +\(values.count - 1)"
    }
}
