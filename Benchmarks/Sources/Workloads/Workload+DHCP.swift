import VmnetDHCP
import VmnetTesting
import VmnetWire

extension Workload {
    static let dhcpExchange = Workload("dhcp.exchange", "DISCOVER, OFFER, REQUEST and ACK, frames in and frames out") {
        var client = DHCPClient(hardwareAddress: Station.number(1), hostName: "guest", transactionID: 7, now: .zero)
        var network = DHCPNetwork(
            server: DHCPServer(
                configuration: try DHCPServerConfiguration(
                    gateway: Station.gatewayAddress, last: "192.168.64.254", mask: "255.255.255.0"),
                now: DHCPNetwork.now))
        let discover = try frame(client.nextMessage(now: .zero))
        let offer = try network.answer(discover)
        guard client.receive(offer, now: .zero) == .proceeding else { throw WorkloadError.unexpected("no offer") }
        let request = try frame(client.nextMessage(now: .zero))
        guard case .bound = client.receive(try network.answer(request), now: .zero) else {
            throw WorkloadError.unexpected("no lease")
        }
        return { count in
            for _ in 0..<count {
                use(network.reply(to: discover))
                use(network.reply(to: request))
            }
        }
    }

    private static func frame(_ transmission: DHCPClient.Transmission?) throws(WorkloadError) -> [UInt8] {
        guard let message = transmission?.message else { throw .unexpected("no message") }
        let builder = FrameBuilder(from: message.hardwareAddress, to: .broadcast)
        return builder.udp(from: "0.0.0.0:68", to: "255.255.255.255:67", payload: message.bytes())
    }
}

/// A server at the gateway.
private struct DHCPNetwork {
    static let now = LeaseTime(secondsSince1970: 1_800_000_000)

    var server: DHCPServer

    /// What the network does with one frame to port 67.
    mutating func reply(to frame: [UInt8]) -> [UInt8]? {
        guard DHCPDatagram.isForServer(frame.span), case .reply(let reply) = answer(to: frame) else { return nil }
        use(server.takeChanges())
        return reply.frame(from: Station.gateway, Station.gatewayAddress)
    }

    /// The message of the reply.
    mutating func answer(_ frame: [UInt8]) throws(WorkloadError) -> DHCPMessage {
        guard case .reply(let reply) = answer(to: frame) else { throw .unexpected("no reply") }
        return reply.message
    }

    private mutating func answer(to frame: [UInt8]) -> DHCPAnswer? {
        guard let datagram = try? DHCPDatagram(parsing: frame.span) else { return nil }
        let origin = DHCPOrigin(attachment: DHCPAttachment(rawValue: 1), source: datagram.source)
        return server.answer(datagram.message, from: origin, now: Self.now) { _ in nil }
    }
}
