/// OpenVmnet with a TAP interface in each guest's namespace: containers, and `run --netns`.
struct OpenVmnetTAP: Path {
    let id = "openvmnet-tap"
    let title = "OpenVmnet, TAP"
    let role = PathRole.ours
    var programs: [String] { [Programs.openvmnet] }
    let joinsGuests = true
    let servesManyLeases = true

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let network = try OpenVmnet(listening: guests.map { "tap:eth0@\($0.path)" }, mtu: mtu)
        return try network.attachment(of: guests, mtu: mtu)
    }
}
