/// OpenVmnet in bridged mode, with a TAP interface in the guest's namespace and a packet socket on the wire.
struct OpenVmnetBridged: LANPath {
    let id = "openvmnet-bridged"
    let title = "OpenVmnet bridged, TAP"
    let role = PathRole.ours
    var programs: [String] { [Programs.openvmnet] }

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let number = Numbering.next()
        let wire = try wire(to: guests[1], number, mtu: mtu)
        let child = try Namespace.host.start([
            Programs.openvmnet, "serve", "--mode", "bridged", "--ifname", wire, "--state-dir", Stage.path("state"),
            "--name", "compare\(number)", "--listen", "tap:eth0@\(guests[0].path)",
        ])
        try child.wait(for: "vmnet_shared_interface_name", within: 10)
        try guests[0].configure("eth0", address: "172.\(number).0.2/16", mtu: mtu)
        return Attachment(
            host: "172.\(number).0.1", addresses: ["172.\(number).0.2", "172.\(number).0.1"], carriers: [child])
    }
}
