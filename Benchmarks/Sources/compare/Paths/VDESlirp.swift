/// VDE's plug between its slirp and a TAP interface, one process for each guest.
struct VDESlirp: Path {
    let id = "vde-slirp"
    let title = "vde_plug slirp, TAP"
    let role = PathRole.peer
    let programs = ["vde_plug"]

    func refusal(ofMTU mtu: Int) -> String? { mtu > 9000 ? "VDE's frames end at 9 KiB" : nil }

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let carriers = try guests.map { guest in
            let interface = "d\(Numbering.next())"
            let plug = try Namespace.host.start(["vde_plug", "slirp:///v4/mtu=\(mtu)/mru=\(mtu)", "tap://\(interface)"])
            try guest.adopt(interface)
            try guest.configure("eth0", address: "10.0.2.15/24", gateway: "10.0.2.2", mtu: mtu)
            return plug
        }
        return Attachment(host: "10.0.2.2", addresses: guests.map { _ in "10.0.2.15" }, carriers: carriers)
    }
}
