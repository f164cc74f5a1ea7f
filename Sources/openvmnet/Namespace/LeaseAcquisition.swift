import SystemPackage
import VmnetDHCP
import VmnetSystem
import VmnetWire

/// Gets the guest its lease: sends what VmnetDHCP's client says, waits, and hands it what comes.
///
/// The lease is not renewed, since the process is about to become another: a guest that stays attached keeps its
/// address, whatever the lease's time says.
struct LeaseAcquisition: ~Copyable {
    /// Without a lease for this long there is no server.
    static let timeout = Duration.seconds(10)

    private let macAddress: MACAddress
    private let socket: BlockingSocket
    private let start = ContinuousClock.now
    private var client: DHCPClient
    private var buffer = [UInt8](repeating: 0, count: 2048)

    /// The guest's interface is up, and has no address.
    init(macAddress: MACAddress) throws(SystemError) {
        self.macAddress = macAddress
        socket = try BlockingSocket.ethernet(on: GuestNamespace.interface)
        client = DHCPClient(hardwareAddress: macAddress, transactionID: .random(in: 0 ... .max), now: .zero)
    }

    /// What the server gave, and how long that took.
    mutating func run() throws(SystemError) -> (lease: DHCPClientLease, time: Duration) {
        while true {
            let now = start.duration(to: .now)
            guard now < Self.timeout else {
                throw SystemError(
                    "get an address by DHCP in \(Self.timeout)", .timedOut,
                    remedy: "is one left? openvmnet leases lists those that are taken; on a bridged network, "
                        + "a server on its link gives them")
            }
            if let next = client.nextMessage(now: now) {
                try socket.send(Self.frame(of: next, from: macAddress).span)
            }
            let deadline = min(client.deadline ?? Self.timeout, Self.timeout)
            try socket.setTimeout(max(deadline - now, .milliseconds(1)))
            guard let count = try socket.receive(into: &buffer),
                let reply = Self.message(in: buffer.span.extracting(first: count))
            else { continue }
            let time = start.duration(to: .now)
            if case .bound(let lease) = client.receive(reply, now: time) { return (lease, time) }
        }
    }

    /// The Ethernet frame, to everybody: the client does not know its server's MAC address.
    static func frame(of transmission: DHCPClient.Transmission, from macAddress: MACAddress) -> [UInt8] {
        let payload = transmission.message.bytes()
        let udp = UDPHeader(
            sourcePort: DHCPPort.client, destinationPort: DHCPPort.server, payloadLength: payload.count
        ).withChecksum(over: payload.span, source: .any, destination: transmission.destination)
        let ip = IPv4Header(
            proto: .udp, source: .any, destination: transmission.destination,
            payloadLength: UDPHeader.byteCount + payload.count)
        let byteCount = EthernetHeader.byteCount + IPv4Header.byteCount + UDPHeader.byteCount + payload.count
        return [UInt8](capacity: byteCount) { output in
            EthernetHeader(destination: .broadcast, source: macAddress, type: .ipv4).write(to: &output)
            ip.write(to: &output)
            udp.write(to: &output)
            output.append(payload.span)
        }
    }

    /// nil for what is no DHCP message.
    private static func message(in frame: Span<UInt8>) -> DHCPMessage? {
        // The kernel may have left the UDP checksum to a device that a TAP does not have (packet(7)).
        (try? DHCPDatagram(parsing: frame, offload: OffloadDescriptor(needsChecksum: true)))?.message
    }
}
