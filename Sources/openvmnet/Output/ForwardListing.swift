import VmnetControl

/// Port forwards for people, a line each.
struct ForwardListing {
    private let forwards: [ForwardDocument]

    init(_ forwards: [ForwardDocument]) {
        self.forwards = forwards
    }

    var text: String {
        TextTable(
            header: ["FORWARD", "OPEN", "ACCEPTED", "REFUSED", "IN", "OUT", "LEADS TO"],
            rows: forwards.map { [$0.forward] + figures(of: $0) + [$0.guest ?? "nobody: \($0.waiting ?? "-")"] }
        ).text
    }

    /// Connections, then datagrams: a forward has one or the other.
    private func figures(of forward: ForwardDocument) -> [String] {
        forward.forward.hasPrefix("udp:")
            ? ["-", "-", "-", "\(forward.receivedDatagrams)", "\(forward.sentDatagrams)"]
            : [
                "\(forward.openConnections)", "\(forward.acceptedConnections)", "\(forward.refusedConnections)",
                "-", "-",
            ]
    }
}
