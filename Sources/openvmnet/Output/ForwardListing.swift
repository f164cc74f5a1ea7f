import VmnetControl

/// Port forwards for people, a line each.
struct ForwardListing {
    private let forwards: [ForwardDocument]

    init(_ forwards: [ForwardDocument]) {
        self.forwards = forwards
    }

    var text: String {
        TextTable(
            header: ["FORWARD", "OPEN", "ACCEPTED", "REFUSED", "LEADS TO"],
            rows: forwards.map { forward in
                [
                    forward.forward, "\(forward.openConnections)", "\(forward.acceptedConnections)",
                    "\(forward.refusedConnections)", forward.guest ?? "nobody: \(forward.waiting ?? "-")",
                ]
            }
        ).text
    }
}
