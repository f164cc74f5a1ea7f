import VmnetSwitch
import VmnetSystem
import VmnetWire

@testable import VmnetNAT

extension FuzzTarget {
    /// A datagram that the engine takes arrives as it is, or as the datagrams of its super-frame; another is dropped.
    ///
    /// The first byte says what the frame's descriptor is, two more the segment's size, one the source port, two hop limit
    /// and type of service; the rest is the datagram.
    static let datagrams = FuzzTarget(name: "datagrams") { bytes in
        guard bytes.count >= 6 + UDPHeader.byteCount else { return }
        let fuzzed = FuzzedDatagram(bytes)
        var engine = makeEngine()
        let reason = engine.input(
            fuzzed.frame.span, fuzzed.flow, fuzzed.offload, now: NATTime(nanoseconds: 1)
        ) { true }
        engine.flush()
        require(engine.flows.count == (reason == nil ? 1 : 0), "\(engine.flows.count) flows")
        engine.poll(now: NATTime(nanoseconds: 2), room: 1 << 20)
        let received = unsafe sink.receive()
        guard reason == nil else { return require(received.isEmpty, "\(received.count) of a dropped one") }
        let header = try? UDPHeader(parsing: bytes.extracting(droppingFirst: 6))
        let payload = bytes.extracting((6 + UDPHeader.byteCount)..<(6 + Int(header?.length ?? 8)))
        require(received.flatMap(\.self) == [UInt8](copying: payload), "\(received)")
        let size = fuzzed.offload.segmentation == .udp ? Int(fuzzed.offload.segmentSize) : .max
        require(received.dropLast().allSatisfy { $0.count == size }, "\(received.map(\.count))")
        require(received.last.map { $0.count <= size } ?? false, "\(received.map(\.count))")
    }

    /// A resolver configuration never names what is no address.
    static let resolver = FuzzTarget(name: "resolver") { bytes in
        let servers = HostResolver.Servers(parsing: String(decoding: [UInt8](copying: bytes), as: UTF8.self))
        require(servers.ipv4?.isMapped ?? true, "\(servers)")
    }
}

/// A frame of a guest for the sink.
private struct FuzzedDatagram {
    let frame: [UInt8]
    let offload: OffloadDescriptor
    let flow: GuestFlow

    init(_ bytes: Span<UInt8>) {
        let packet = bytes.extracting(droppingFirst: 6)
        var header = IPv4Header(
            proto: .udp, source: IPv4Address(bits: 0xc0a8_4002), destination: .loopback,
            payloadLength: packet.count)
        // To the host itself any is enough, but none.
        header.timeToLive = max(2, bytes[4])
        header.typeOfService = bytes[5]
        let ethernet = EthernetHeader(
            destination: MACAddress(bits: 0x5255_0000_0001), source: MACAddress(bits: 0x5254_0000_0002), type: .ipv4)
        frame = [UInt8](capacity: 34 + packet.count) {
            ethernet.write(to: &$0)
            header.write(to: &$0)
            $0.append(packet)
        }
        offload = OffloadDescriptor(
            segmentation: bytes[0] & 1 != 0 ? .udp : .none, segmentSize: bytes.be16(at: 1),
            needsChecksum: bytes[0] & 2 != 0)
        flow = unsafe GuestFlow(
            content: .udp, source: IPv6Address(mapping: header.source),
            destination: IPv6Address(mapping: .loopback), sourcePort: UInt16(bytes[3]),
            destinationPort: sink.port, transportOffset: 34, byteCount: frame.count)
    }
}

private func makeEngine() -> UDPEngine {
    guard let gateway = IPv4Address("192.168.64.1"), let subnet = IPv4Subnet(containing: gateway, prefixLength: 24)
    else { fatalError("no subnet") }
    do {
        return try unsafe UDPEngine(
            NATConfiguration(gatewayAddress: gateway, subnet: subnet), gatewayMAC: MACAddress(bits: 0x5255_0000_0001),
            buffers: buffers, budget: .current()
        ) { _, _, _ in nil }
    } catch {
        fatalError("\(error)")
    }
}

// Safety: libFuzzer calls from one thread.
nonisolated(unsafe) private let buffers = UDPBuffers()
nonisolated(unsafe) private let sink = Sink()

/// Where the guest's datagrams go.
private final class Sink {
    private let socket: Descriptor
    private let batch = DatagramReceiveBatch()
    let port: UInt16

    init() {
        do {
            socket = try DatagramSocket.open(isIPv4: true, isLocal: true, bufferByteCount: 1 << 20)
        } catch {
            fatalError("\(error)")
        }
        port = InternetEndpoint(nameOf: socket.raw)?.port ?? 0
    }

    /// The datagrams that have come, those that the kernel has joined taken apart.
    func receive() -> [[UInt8]] {
        var datagrams: [[UInt8]] = []
        while case .moved(let count) = batch.receive(socket.raw, limit: 32), count > 0 {
            for index in 0..<count {
                let message = batch.message(index)
                let size = max(message.segmentByteCount, 1)
                var start = 0
                repeat {
                    let end = min(message.byteCount, start + size)
                    datagrams.append(
                        batch.withFrame(index, start..<end, headerByteCount: 0, header: { _ in }) {
                            [UInt8](copying: $0)
                        })
                    start = end
                } while start < message.byteCount
            }
        }
        return datagrams
    }
}
