/// passt with a stream socket in QEMU's framing, one process for each guest.
struct Passt: StreamPath {
    let id = "passt"
    let title = "passt, stream"
    let role = PathRole.peer
    let programs = ["passt"]

    func attach(_ guests: [Namespace], mtu: Int, by pump: Pump) throws -> Attachment {
        let carriers = try guests.map { guest in
            let socket = Stage.path("passt")
            let passt = try Namespace.host.start([
                "passt", "--foreground", "--quiet", "--ipv4-only", "--mtu", "\(mtu)", "--socket", socket, "--runas",
                "0",
                "--address", "10.0.2.15", "--netmask", "24", "--gateway", "10.0.2.2",
            ])
            try eventually("passt", within: 5) { Stage.isSocket(socket) }
            return (passt, try pump.start(in: guest, to: socket))
        }
        for guest in guests {
            try guest.configure("eth0", address: "10.0.2.15/24", gateway: "10.0.2.2", mtu: mtu)
        }
        return Attachment(
            host: "10.0.2.2", addresses: guests.map { _ in "10.0.2.15" }, carriers: carriers.map(\.0),
            pumps: carriers.map(\.1))
    }
}
