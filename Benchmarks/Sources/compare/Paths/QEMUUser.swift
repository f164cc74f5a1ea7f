/// QEMU's `-netdev user`, one process for each guest: libslirp inside QEMU.
///
/// No machine runs in it: a hub of QEMU's joins the user back end to a TAP interface, which is moved to the guest.
struct QEMUUser: Path {
    let id = "qemu-user"
    let title = "QEMU -netdev user, TAP"
    let role = PathRole.peer
    let programs = ["qemu-system-x86_64"]

    func refusal(ofMTU mtu: Int) -> String? { mtu > 1500 ? "QEMU's MTU is 1500" : nil }

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let carriers = try guests.map { guest in
            let interface = "q\(Numbering.next())"
            let qemu = try Namespace.host.start([
                "qemu-system-x86_64", "-machine", "none", "-nodefaults", "-display", "none",
                "-netdev", "tap,id=guest,ifname=\(interface),script=no,downscript=no", "-netdev", "user,id=host",
                "-netdev", "hubport,id=first,hubid=0,netdev=guest", "-netdev", "hubport,id=second,hubid=0,netdev=host",
            ])
            try guest.adopt(interface)
            try guest.configure("eth0", address: "10.0.2.15/24", gateway: "10.0.2.2", mtu: mtu)
            return qemu
        }
        return Attachment(host: "10.0.2.2", addresses: guests.map { _ in "10.0.2.15" }, carriers: carriers)
    }
}
