import VmnetNAT
import VmnetSystem
import VmnetTesting
import VmnetWire

/// A TCP connection of a guest, through its NAT, to a server on this host's loopback.
///
/// Its time moves by a step a call, so that no timer's hour comes at another operation in another run.
final class NATConnection {
    private static let step = Duration.microseconds(1)
    private static let data = [UInt8](repeating: 7, count: 1448)
    /// Where the number, its acknowledgement and the checksum stand behind the Ethernet and IPv4 headers.
    private static let (sequenceOffset, acknowledgementOffset, checksumOffset) = (38, 42, 50)

    private let nat: GuestNAT
    private let inbox: NATInbox
    private let server: BlockingSocket
    private var now = ContinuousClock.now
    private var buffer = [UInt8](repeating: 0, count: 4096)
    /// A full segment and an empty one, whose numbers move on with each use.
    private var segment: [UInt8]
    private var acknowledgement: [UInt8]

    init() throws {
        let inbox = NATInbox()
        let nat = try inbox.makeNAT()
        let listener = try BlockingSocket.listenOnLoopback()
        let guest = FrameBuilder(from: Station.number(1), to: Station.gateway)
        let local: Endpoint = "192.168.64.2:1025"
        let remote = Endpoint(Station.gatewayAddress, try listener.port)
        func send(_ frame: [UInt8]) {
            _ = nat.input(frame.span, offload: .none, now: .now)
            nat.finishBatch(now: .now, room: NATInbox.room)
        }
        send(guest.tcp(from: local, to: remote, flags: .syn, sequence: 1000))
        server = try listener.accept()
        // Connected, as libslirp learns when it is asked to look.
        nat.poll(now: .now, room: NATInbox.room)
        nat.finishBatch(now: .now, room: NATInbox.room)
        guard let answer = inbox.last, answer.flags.contains(.syn) else {
            throw WorkloadError.unexpected("no connection")
        }
        func frame(_ payload: [UInt8]) -> [UInt8] {
            guest.tcp(
                from: local, to: remote, flags: .ack, sequence: 1001, acknowledgement: answer.sequence &+ 1,
                payload: payload)
        }
        (segment, acknowledgement) = (frame(Self.data), frame([]))
        send(acknowledgement)
        (self.nat, self.inbox) = (nat, inbox)
    }

    /// A full segment from the guest to the server.
    func sendToServer() throws {
        input(segment)
        guard try server.receive(into: &buffer) == Self.data.count else { throw WorkloadError.unexpected("bytes lost") }
        Self.advance(&segment, at: Self.sequenceOffset)
    }

    /// A full segment from the server to the guest, and the guest's acknowledgement.
    func sendToGuest() throws {
        let data = Self.data
        try server.send(data.span)
        now += Self.step
        nat.poll(now: now, room: NATInbox.room)
        nat.finishBatch(now: now, room: NATInbox.room)
        Self.advance(&acknowledgement, at: Self.acknowledgementOffset)
        guard inbox.last?.flags.contains(.ack) == true else { throw WorkloadError.unexpected("no segment") }
        input(acknowledgement)
    }

    private func input(_ frame: [UInt8]) {
        now += Self.step
        _ = nat.input(frame.span, offload: .none, now: now)
        nat.finishBatch(now: now, room: NATInbox.room)
    }

    /// Moves a number of the frame on by a full segment.
    private static func advance(_ frame: inout [UInt8], at offset: Int) {
        let old = frame.span.be32(at: offset)
        let new = old &+ UInt32(data.count)
        let checksum = InternetChecksum.updated(frame.span.be16(at: checksumOffset), replacing: old, by: new)
        frame.store(be16: UInt16(truncatingIfNeeded: new >> 16), at: offset)
        frame.store(be16: UInt16(truncatingIfNeeded: new), at: offset + 2)
        frame.store(be16: checksum, at: checksumOffset)
    }
}
