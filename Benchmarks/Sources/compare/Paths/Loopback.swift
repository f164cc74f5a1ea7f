/// No network at all: both ends on the host's loopback interface.
struct Loopback: Path {
    let id = "loopback"
    let title = "loopback"
    let role = PathRole.limit
    let programs: [String] = []

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        try Namespace.host.shell("ip link set lo mtu \(mtu)")
        return Attachment(host: "127.0.0.1", addresses: guests.map { _ in "127.0.0.1" }, carriers: [])
    }
}
