/// pasta with a TAP interface, one process for each guest.
///
/// The host is reached at the gateway's address, as by any other path: what pasta does for connections to a guest's own
/// loopback addresses, which it splices, has no counterpart elsewhere.
struct Pasta: Path {
    let id = "pasta"
    let title = "pasta, TAP"
    let role = PathRole.peer
    let programs = ["pasta"]

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let carriers = try guests.map {
            try Namespace.host.start([
                "pasta", "--foreground", "--quiet", "--config-net", "--ns-ifname", "eth0", "--mtu", "\(mtu)",
                "--ipv4-only",
                "--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none", "--runas", "0",
                "--netns-only", "--netns", $0.path,
            ])
        }
        for (guest, carrier) in zip(guests, carriers) { try guest.waitForAddress(from: carrier) }
        return Attachment(host: "203.0.113.254", addresses: guests.map { _ in "203.0.113.1" }, carriers: carriers)
    }
}
