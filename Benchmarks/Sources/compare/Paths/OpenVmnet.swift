/// A running `openvmnet serve` with the network that all its guests share, whatever their transport.
struct OpenVmnet {
    static let gateway = "172.31.0.1"
    /// Outside of what DHCP hands out, so that guests may have them without asking.
    static func address(ofGuest number: Int) -> String { "172.31.200.\(number + 1)" }

    let child: Child

    init(listening addresses: [String], mtu: Int) throws {
        child = try Namespace.host.start(
            [
                Programs.openvmnet, "serve", "--start-address", Self.gateway, "--end-address", "172.31.199.255",
                "--subnet-mask", "255.255.0.0", "--mtu", "\(mtu)", "--state-dir", Stage.path("state"),
                "--name", "compare\(Numbering.next())",
            ] + addresses.flatMap { ["--listen", $0] })
        try child.wait(for: "vmnet_start_address", within: 10)
    }

    /// Configures the guests' interfaces.
    func attachment(of guests: [Namespace], mtu: Int, pumps: [Child] = []) throws -> Attachment {
        let addresses = guests.indices.map { Self.address(ofGuest: $0) }
        for (guest, address) in zip(guests, addresses) {
            try guest.configure("eth0", address: "\(address)/16", gateway: Self.gateway, mtu: mtu)
        }
        return Attachment(host: Self.gateway, addresses: addresses, carriers: [child], pumps: pumps)
    }
}
