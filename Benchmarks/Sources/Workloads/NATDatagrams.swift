import VmnetNAT
import VmnetSystem
import VmnetTesting
import VmnetWire

/// Datagrams of a guest, through its NAT, to a socket on this host's loopback, and back.
///
/// Its time moves by a step a call, as `NATConnection`'s.
final class NATDatagrams {
    static let count = 32
    static let byteCount = 1400
    private static let step = Duration.microseconds(1)
    private static let room = PortRoom(held: 1 << 20, ordinary: 1 << 20)

    private let nat: GuestNAT
    private let inbox: Inbox
    private let server: Descriptor
    private let receiving = DatagramReceiveBatch()
    private var sending = DatagramSendBatch()
    private var now = ContinuousClock.now
    private let frames: [([UInt8], OffloadDescriptor)]
    private let payload = [UInt8](repeating: 7, count: NATDatagrams.byteCount)
    /// The guest's port as the host sees it.
    private var peer = InternetEndpoint(high: 0, low: 0, port: 0)

    /// Payload that the NAT has sent to the guest.
    private final class Inbox {
        var byteCount = 0
    }

    /// - Parameter areJoined: whether the guest's kernel, or the port, has made one frame of them.
    init(areJoined: Bool) throws {
        guard let subnet = IPv4Subnet(containing: Station.gatewayAddress, prefixLength: 24) else {
            throw WorkloadError.unexpected("no subnet")
        }
        let inbox = Inbox()
        nat = try GuestNAT(configuration: NATConfiguration(gatewayAddress: Station.gatewayAddress, subnet: subnet)) {
            frame, offload, _ in
            inbox.byteCount += frame.count - Int(offload.headerLength)
            return nil
        }
        self.inbox = inbox
        server = try DatagramSocket.open(isIPv4: true, isLocal: true, bufferByteCount: 1 << 20)
        guard let port = InternetEndpoint(nameOf: server.raw)?.port else { throw WorkloadError.unexpected("no port") }
        let builder = FrameBuilder(from: Station.number(1), to: Station.gateway)
        let (count, size) = areJoined ? (1, Self.count * Self.byteCount) : (Self.count, Self.byteCount)
        let frame = builder.udp(
            from: "192.168.64.2:1025", to: Endpoint(Station.gatewayAddress, port), checksum: .partial,
            payload: [UInt8](repeating: 7, count: size))
        let offload = OffloadDescriptor(
            segmentation: areJoined ? .udp : .none, segmentSize: areJoined ? UInt16(Self.byteCount) : 0,
            headerLength: 42, needsChecksum: true, checksumStart: 34, checksumOffset: 6)
        frames = (0..<count).map { _ in (frame, offload) }
        try sendToServer()
    }

    /// A batch from the guest to the server.
    func sendToServer() throws {
        now += Self.step
        for (frame, offload) in frames {
            guard nat.input(frame.span, offload: offload, now: now) == nil else {
                throw WorkloadError.unexpected("a datagram refused")
            }
        }
        nat.finishBatch(now: now, room: Self.room)
        var received = 0
        while case .moved(let count) = receiving.receive(server.raw, limit: DatagramReceiveBatch.capacity) {
            for index in 0..<count { received += receiving.message(index).byteCount }
            if let source = receiving.message(0).source { peer = source }
        }
        guard received == Self.count * Self.byteCount else { throw WorkloadError.unexpected("datagrams lost") }
    }

    /// As many from the server to the guest.
    func sendToGuest() throws {
        sending.removeAll()
        for _ in 0..<Self.count {
            guard sending.begin(to: peer), sending.append(0..<Self.byteCount) else {
                throw WorkloadError.unexpected("no room")
            }
        }
        let payload = payload
        let outcome = sending.send(server.raw, from: payload.span)
        guard outcome == .moved(Self.count) else {
            throw WorkloadError.unexpected("datagrams not sent")
        }
        inbox.byteCount = 0
        while inbox.byteCount < Self.count * Self.byteCount {
            let before = inbox.byteCount
            now += Self.step
            nat.poll(now: now, room: Self.room)
            nat.finishBatch(now: now, room: Self.room)
            guard inbox.byteCount > before else { throw WorkloadError.unexpected("datagrams lost") }
        }
    }
}
