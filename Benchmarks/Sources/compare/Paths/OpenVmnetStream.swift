/// OpenVmnet with a stream socket in QEMU's framing: virtual machines.
struct OpenVmnetStream: StreamPath {
    let id = "openvmnet-stream"
    let title = "OpenVmnet, stream"
    let role = PathRole.ours
    var programs: [String] { [Programs.openvmnet] }
    let joinsGuests = true

    func attach(_ guests: [Namespace], mtu: Int, by pump: Pump) throws -> Attachment {
        let socket = Stage.path("stream")
        let network = try OpenVmnet(listening: ["stream:\(socket)"], mtu: mtu)
        let pumps = try guests.map { try pump.start(in: $0, to: socket) }
        return try network.attachment(of: guests, mtu: mtu, pumps: pumps)
    }
}
