import VmnetNAT
import VmnetSystem
import VmnetTesting
import VmnetWire

/// TCP connections of a guest, one after the other, through its NAT to a server on this host's loopback: opened, and
/// reset.
///
/// Its time moves by a step a call: more than the NAT asks for between a guest's connections, and so little that hardly any
/// timer's hour comes.
final class NATOpenings {
    private static let step = Duration.microseconds(60)

    private let nat: GuestNAT
    private let inbox = NATInbox()
    private let listener: BlockingSocket
    private var now = ContinuousClock.now
    /// The guest's frames of each of its ports.
    private let frames: [(opening: [UInt8], reset: [UInt8])]
    private var next = 0

    init() throws {
        nat = try inbox.makeNAT()
        listener = try BlockingSocket.listenOnLoopback()
        let guest = FrameBuilder(from: Station.number(1), to: Station.gateway)
        let remote = Endpoint(Station.gatewayAddress, try listener.port)
        let address: IPv4Address = "192.168.64.2"
        frames = (0..<16).map { number in
            let local = Endpoint(address, 1025 + UInt16(number))
            return (
                guest.tcp(from: local, to: remote, flags: .syn, sequence: 1000),
                guest.tcp(from: local, to: remote, flags: .rst, sequence: 1001)
            )
        }
    }

    /// Opens a connection as far as libslirp's answer, and resets it.
    func openAndReset() throws {
        let (opening, reset) = frames[next]
        next = (next + 1) % frames.count
        now += Self.step
        inbox.last = nil
        input(opening)
        _ = try listener.accept()
        // Connected, as libslirp learns when it is asked to look.
        nat.poll(now: now, room: NATInbox.room)
        nat.finishBatch(now: now, room: NATInbox.room)
        guard inbox.last?.flags == [.syn, .ack] else { throw WorkloadError.unexpected("no connection") }
        input(reset)
        guard nat.flowCount == 0 else { throw WorkloadError.unexpected("a connection that stays") }
    }

    private func input(_ frame: [UInt8]) {
        _ = nat.input(frame.span, offload: .none, now: now)
        nat.finishBatch(now: now, room: NATInbox.room)
    }
}
