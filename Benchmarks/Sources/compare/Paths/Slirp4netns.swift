/// slirp4netns with a TAP interface, one process for each guest.
struct Slirp4netns: Path {
    let id = "slirp4netns"
    let title = "slirp4netns, TAP"
    let role = PathRole.peer
    let programs = ["slirp4netns"]

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let carriers = try guests.map {
            try Namespace.host.start([
                "slirp4netns", "--configure", "--mtu", "\(mtu)", "--netns-type=path", $0.path, "eth0",
            ])
        }
        for (guest, carrier) in zip(guests, carriers) { try guest.waitForAddress(from: carrier) }
        return Attachment(host: "10.0.2.2", addresses: guests.map { _ in "10.0.2.100" }, carriers: carriers)
    }
}
