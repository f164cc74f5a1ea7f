import Glibc
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// A guest that speaks UDP only, in front of the engine alone: no filter, so that every address of 127/8 can be a host
/// "outside". It owns the loop and the clock.
final class UDPGuest {
    static let address: IPv4Address = "192.168.64.2"
    static let address6: IPv6Address = "fd00:64::15"

    /// A datagram as the guest gets it.
    struct Datagram: Equatable {
        let source: Endpoint
        let destination: Endpoint
        let payload: [UInt8]
    }

    private let inbox: Inbox
    private var engine: UDPEngine
    let builder = FrameBuilder(from: Guest.station, to: Guest.gatewayStation)
    /// Nanoseconds of the NAT's clock.
    private(set) var time: Int64 = 1_000_000_000
    var room = 1 << 20
    var mayOpen = true

    private final class Inbox {
        var frames: [(bytes: [UInt8], offload: OffloadDescriptor)] = []
    }

    static var configuration: NATConfiguration {
        var configuration = Guest.configuration
        configuration.nat66Prefix = "fd00:64::"
        return configuration
    }

    init(resolver: HostResolver = HostResolver(), _ change: (inout NATConfiguration) -> Void = { _ in }) throws {
        var configuration = Self.configuration
        change(&configuration)
        let inbox = Inbox()
        self.inbox = inbox
        engine = try UDPEngine(
            configuration, gatewayMAC: Guest.gatewayStation, buffers: UDPBuffers(), budget: .current(),
            resolver: resolver
        ) { frame, offload, _ in
            inbox.frames.append(([UInt8](copying: frame), offload))
            return nil
        }
    }

    var flowCount: Int { engine.flows.count }
    var counters: UDPCounters { engine.counters }
    var isPaused: Bool { engine.isPaused }
    /// Seconds from now on.
    var deadline: Double? { engine.deadline.map { Double($0.nanoseconds - time) / 1e9 } }

    // MARK: Sending

    /// Gives the engine one frame, without ending the batch.
    @discardableResult
    func stage(_ frame: [UInt8], offload: OffloadDescriptor = .none) -> DropReason? {
        guard let flow = Self.flow(of: frame) else { preconditionFailure("no UDP frame") }
        return engine.input(frame.span, flow, offload, now: NATTime(nanoseconds: time)) { mayOpen }
    }

    func flush() {
        engine.flush()
    }

    /// Sends one datagram as a batch of its own.
    @discardableResult
    func send(
        from port: UInt16, to peer: Endpoint, timeToLive: UInt8 = 64, checksum: FrameBuilder.Checksum = .correct,
        _ payload: [UInt8]
    ) -> DropReason? {
        let source = if case .v4 = peer.address { Endpoint(Self.address, port) } else { Endpoint(Self.address6, port) }
        let frame = builder.udp(
            from: source, to: peer, timeToLive: timeToLive, checksum: checksum, payload: payload)
        let offload =
            checksum == .partial ? OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 6) : .none
        let reason = stage(frame, offload: offload)
        flush()
        return reason
    }

    /// What the filter would say of a frame of the builder's.
    private static func flow(of frame: [UInt8]) -> GuestFlow? {
        let isIPv4 = frame[12] == 8
        let transport = isIPv4 ? 34 : 54
        let bytes = frame.span
        let source, destination: IPv6Address
        if isIPv4 {
            source = IPv6Address(mapping: IPv4Address(bits: bytes.be32(at: 26)))
            destination = IPv6Address(mapping: IPv4Address(bits: bytes.be32(at: 30)))
        } else {
            source = IPv6Address(high: bytes.be64(at: 22), low: bytes.be64(at: 30))
            destination = IPv6Address(high: bytes.be64(at: 38), low: bytes.be64(at: 46))
        }
        return GuestFlow(
            content: .udp, source: source, destination: destination, sourcePort: bytes.be16(at: transport),
            destinationPort: bytes.be16(at: transport + 2), transportOffset: transport, byteCount: frame.count)
    }

    // MARK: Receiving

    func poll() {
        engine.poll(now: NATTime(nanoseconds: time), room: room)
    }

    /// Lets time pass at once, with the polls that the engine asks for.
    func pass(_ seconds: Int64) {
        let end = time + seconds * 1_000_000_000
        while let deadline = engine.deadline, deadline.nanoseconds <= end {
            time = max(time, deadline.nanoseconds)
            poll()
        }
        time = end
    }

    /// Frames that no test has taken yet, after polling until `count` datagrams have come, for five seconds at most.
    func frames(of count: Int) -> [(bytes: [UInt8], offload: OffloadDescriptor)] {
        let end = ContinuousClock.now + .seconds(5)
        while Self.datagrams(in: inbox.frames).count < count, ContinuousClock.now < end {
            wait()
            poll()
        }
        defer { inbox.frames = [] }
        return inbox.frames
    }

    /// The next `count` datagrams; fewer after five seconds.
    func receive(_ count: Int = 1) -> [Datagram] {
        Self.datagrams(in: frames(of: count))
    }

    /// Whatever has come, polled once.
    func receiveNow() -> [Datagram] {
        poll()
        defer { inbox.frames = [] }
        return Self.datagrams(in: inbox.frames)
    }

    /// Frames that are no datagrams, such as errors, when one has come; within five seconds.
    func receiveError() -> Packet? {
        let end = ContinuousClock.now + .seconds(5)
        while inbox.frames.isEmpty, ContinuousClock.now < end {
            wait()
            poll()
        }
        return inbox.frames.isEmpty ? nil : Packet(inbox.frames.removeFirst().bytes)
    }

    private func wait() {
        var entry = pollfd(fd: engine.descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one structure.
        _ = unsafe Glibc.poll(&entry, 1, 100)
    }

    /// Takes frames apart into the datagrams that a network card would make of them.
    private static func datagrams(in frames: [(bytes: [UInt8], offload: OffloadDescriptor)]) -> [Datagram] {
        frames.flatMap { frame, offload -> [Datagram] in
            let isIPv4 = frame[12] == 8
            let headers = isIPv4 ? 42 : 62
            guard frame[isIPv4 ? 23 : 20] == IPProtocol.udp.rawValue, frame.count >= headers else { return [] }
            let bytes = frame.span
            let ports = (bytes.be16(at: headers - 8), bytes.be16(at: headers - 6))
            let source, destination: Endpoint
            if isIPv4 {
                source = Endpoint(IPv4Address(bits: bytes.be32(at: 26)), ports.0)
                destination = Endpoint(IPv4Address(bits: bytes.be32(at: 30)), ports.1)
            } else {
                source = Endpoint(IPv6Address(high: bytes.be64(at: 22), low: bytes.be64(at: 30)), ports.0)
                destination = Endpoint(IPv6Address(high: bytes.be64(at: 38), low: bytes.be64(at: 46)), ports.1)
            }
            let payload = Array(frame[headers...])
            precondition(Int(bytes.be16(at: headers - 4)) == 8 + payload.count)
            let size = offload.segmentation == .udp ? Int(offload.segmentSize) : max(payload.count, 1)
            return stride(from: 0, to: max(payload.count, 1), by: size).map { start in
                Datagram(
                    source: source, destination: destination,
                    payload: Array(payload[start..<min(payload.count, start + size)]))
            }
        }
    }

    /// Whether a frame's checksum is right once it has been completed as its descriptor says.
    static func isIntact(_ frame: [UInt8], _ offload: OffloadDescriptor) -> Bool {
        var editor = FrameEditor()
        editor.load(frame.span)
        do throws(WireError) { try editor.complete(offload) } catch { return false }
        return Packet(editor.bytes)?.isIntact ?? false
    }
}
