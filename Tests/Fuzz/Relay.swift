import VmnetSwitch
import VmnetSystem
import VmnetWire

@testable import VmnetNAT

extension FuzzTarget {
    /// Whatever a guest sends on a connection that is relayed, the host gets the bytes of its stream in their order, the
    /// guest those of the host's, and a reset leaves nothing behind.
    ///
    /// Eight bytes make a segment: flags, how far its number is from the next one (two), how far it acknowledges from what
    /// has come (two), window (two), bytes of data in eights.
    static let relay = FuzzTarget(name: "relay") { bytes in
        let guest = unsafe guest
        guard let server = guest.open() else { fatalError("no connection") }
        for index in 0..<(bytes.count / 8) {
            guest.send(bytes.extracting((8 * index)..<(8 * index + 8)))
            guest.check(server)
        }
        guest.close(server)
    }
}

// Safety: libFuzzer calls from one thread.
nonisolated(unsafe) private let guest = RelayedGuest()

/// A guest behind a NAT, with one connection at a time to a server on the host's loopback.
private final class RelayedGuest {
    private static let address = IPv4Address(bits: 0xc0a8_4002)
    private static let gateway = IPv4Address(bits: 0xc0a8_4001)
    private static let firstByte: UInt32 = 1001

    private let nat: GuestNAT
    private let inbox: Inbox
    private let listener: Descriptor
    private let serverPort: UInt16
    private var port: UInt16 = 1024
    /// Of the guest's stream: bytes that the server has had.
    private var delivered = 0

    /// What the NAT says.
    private final class Inbox {
        /// The number of the host's SYN, once there is one.
        var start: UInt32?
        /// The end of what has come of the host's stream, and what of the guest's is acknowledged.
        var received: UInt32 = 0
        var acknowledged: UInt32 = 0

        func take(_ frame: Span<UInt8>, to port: UInt16) {
            let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
            guard let ip = try? IPv4Header(parsing: packet), ip.proto == .tcp else { return }
            let segment = packet.extracting(droppingFirst: ip.headerLength)
            guard let header = try? TCPHeader(parsing: segment) else { fatalError("no TCP header") }
            guard header.destinationPort == port, !header.flags.contains(.rst) else { return }
            if header.flags.contains(.syn) {
                start = header.sequence
                received = header.sequence &+ 1
            }
            acknowledged = header.acknowledgement
            guard let start else { return }
            let data = segment.extracting(droppingFirst: header.headerLength)
            let offset = header.sequence &- start &- 1
            for index in data.indices {
                require(data[index] == RelayedGuest.byte(offset &+ UInt32(index)), "byte \(offset) + \(index)")
            }
            let end = header.sequence &+ UInt32(data.count)
            if !data.isEmpty, Int32(bitPattern: end &- received) > 0 { received = end }
        }
    }

    init() {
        let inbox = Inbox()
        self.inbox = inbox
        guard let subnet = IPv4Subnet(containing: Self.gateway, prefixLength: 24) else { fatalError("no subnet") }
        let reader = Reader()
        self.reader = reader
        do {
            nat = try GuestNAT(
                configuration: NATConfiguration(gatewayAddress: Self.gateway, subnet: subnet)
            ) { frame, _, _ in
                inbox.take(frame, to: reader.port)
                return nil
            }
            let any = InternetEndpoint(IPv6Address(mapping: .loopback), 0)
            listener = try InternetSocket.bindStream(to: any)
            guard let name = InternetEndpoint(nameOf: listener.raw) else { fatalError("no name") }
            try InternetSocket.listen(listener.raw, at: name)
            serverPort = name.port
        } catch {
            fatalError("\(error)")
        }
    }

    /// The port whose frames are looked at.
    private final class Reader {
        var port: UInt16 = 0
    }
    private let reader: Reader

    /// The byte at a place of either stream.
    static func byte(_ offset: UInt32) -> UInt8 { UInt8(truncatingIfNeeded: offset ^ offset >> 8) }

    /// Opens a connection, on which the server has something to say.
    func open() -> Descriptor? {
        port = port == .max ? 1024 : port + 1
        reader.port = port
        (inbox.start, delivered) = (nil, 0)
        send(.syn, Self.firstByte &- 1, 0, 65535, [])
        guard loop(until: { inbox.start != nil }) else { return nil }
        send(.ack, Self.firstByte, inbox.received, 300, [])
        var server: Descriptor?
        guard loop(until: { accept(&server) }), let server = server.take() else { return nil }
        let greeting = (0..<UInt32(3000)).map(Self.byte)
        require(Socket.send(server.raw, greeting.span) == .moved(3000), "the server's socket is full")
        return server
    }

    private func accept(_ server: inout Descriptor?) -> Bool {
        do {
            server = try Socket.accept(listener.raw)
        } catch {
            fatalError("\(error)")
        }
        return server != nil
    }

    private func loop(until condition: () -> Bool) -> Bool {
        for _ in 0..<100_000 {
            if condition() { return true }
            poll()
        }
        return false
    }

    /// Sends the segment that the eight bytes describe.
    func send(_ bytes: Span<UInt8>) {
        var flags = TCPHeader.Flags(rawValue: bytes[0])
        // A SYN alone begins another connection.
        if flags.contains(.syn) { flags.insert(.ack) }
        flags.remove(.rst)
        let sequence = inbox.acknowledged &+ Self.distance(bytes.be16(at: 1))
        let data = (0..<UInt32(bytes[7]) * 8).map { Self.byte(sequence &- Self.firstByte &+ $0) }
        send(flags, sequence, inbox.received &+ Self.distance(bytes.be16(at: 3)), bytes.be16(at: 5), data)
        poll()
    }

    private static func distance(_ field: UInt16) -> UInt32 { UInt32(bitPattern: Int32(Int16(bitPattern: field))) }

    private func send(
        _ flags: TCPHeader.Flags, _ sequence: UInt32, _ acknowledgement: UInt32, _ window: UInt16, _ data: [UInt8]
    ) {
        let length = TCPHeader.byteCount + data.count
        let header = IPv4Header(
            proto: .tcp, source: Self.address, destination: Self.gateway, payloadLength: length)
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: header.source, destination: header.destination, proto: .tcp, length: length)
        let segment = TCPHeader(
            sourcePort: port, destinationPort: serverPort, sequence: sequence, acknowledgement: acknowledgement,
            flags: flags, window: window, checksum: sum.folded)
        let frame = [UInt8](capacity: EthernetHeader.byteCount + IPv4Header.byteCount + length) {
            EthernetHeader(
                destination: GuestNAT.gatewayMAC(for: Self.gateway), source: MACAddress(bits: 0x5254_0000_0002),
                type: .ipv4
            ).write(to: &$0)
            header.write(to: &$0)
            segment.write(to: &$0)
            $0.append(data.span)
        }
        // Its checksum is the pseudo-header's.
        let offload = OffloadDescriptor(
            needsChecksum: true, checksumStart: 34, checksumOffset: UInt16(TCPHeader.checksumOffset))
        _ = nat.input(frame.span, offload: offload, now: .now)
        nat.finishBatch(now: .now, room: Self.room)
    }

    private static let room = PortRoom(held: 1 << 20, ordinary: 1 << 20)

    private func poll() {
        nat.poll(now: .now, room: Self.room)
        nat.finishBatch(now: .now, room: Self.room)
    }

    /// What has come to the server is the guest's stream.
    func check(_ server: borrowing Descriptor) {
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            var span = buffer.mutableSpan
            guard case .moved(let count) = server.read(into: &span), count > 0 else { return }
            for index in 0..<count {
                require(buffer[index] == Self.byte(UInt32(delivered + index)), "byte \(delivered + index)")
            }
            delivered += count
        }
    }

    /// Ends the connection from both sides.
    func close(_ server: consuming Descriptor) {
        check(server)
        // Neither side keeps the port.
        InternetSocket.resetOnClose(server.raw)
        _ = consume server
        send(.rst, inbox.acknowledged, 0, 0, [])
        _ = loop { nat.flowCount == 0 }
        let relay = nat.slirp.relay
        require(nat.flowCount == 0, "\(nat.flowCount) connections")
        require(relay.buffers.usedCount == 0 && relay.early.isEmpty, "\(relay.buffers.usedCount) buffers")
    }
}
