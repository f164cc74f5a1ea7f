/// OpenVmnet with a socket for User Mode Linux.
struct OpenVmnetRecord: MachinePath {
    let id = "openvmnet-bess"
    let title = "OpenVmnet, bess"
    let role = PathRole.ours
    var programs: [String] { [Programs.openvmnet] }

    func listen(at socket: String) throws -> Attachment {
        let network = try OpenVmnet(listening: ["bess:\(socket)"], mtu: 1500)
        return Attachment(
            host: OpenVmnet.gateway, addresses: ["\(OpenVmnet.address(ofGuest: 0))/16"], carriers: [network.child])
    }
}
