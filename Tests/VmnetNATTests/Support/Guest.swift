import Glibc
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// A guest made of frames, behind a real NAT. It owns the loop too: nothing happens outside its calls.
final class Guest {
    static let address: IPv4Address = "192.168.64.2"
    static let gateway: IPv4Address = "192.168.64.1"
    static let station: MACAddress = "52:54:00:12:34:56"
    static let gatewayStation: MACAddress = "52:55:c0:a8:40:01"

    let nat: GuestNAT
    let builder = FrameBuilder(from: Guest.station, to: Guest.gatewayStation)
    private let inbox: Inbox
    /// Added to the real time.
    private var skew: Duration = .zero
    /// Where the clock stands; nil: it goes.
    private var standstill: ContinuousClock.Instant?
    /// What the guest's port says it can hold.
    var room = 1 << 20
    var portRoom: PortRoom { PortRoom(held: room, ordinary: room) }

    private final class Inbox {
        var frames: [(bytes: [UInt8], offload: OffloadDescriptor, urgency: FrameUrgency)] = []
        var isFull = false
    }

    /// Its port takes no frame.
    var isFull: Bool {
        get { inbox.isFull }
        set { inbox.isFull = newValue }
    }

    /// libslirp itself carries the data of connections.
    static var configuration: NATConfiguration {
        guard let subnet = IPv4Subnet(containing: gateway, prefixLength: 24) else { preconditionFailure() }
        return NATConfiguration(gatewayAddress: gateway, subnet: subnet, relaysConnections: false)
    }

    init(_ configuration: NATConfiguration = Guest.configuration) throws {
        signal(SIGPIPE, SIG_IGN)
        let inbox = Inbox()
        self.inbox = inbox
        nat = try GuestNAT(configuration: configuration) { frame, offload, urgency in
            // What an interface of a program takes: of the ports the least.
            precondition(frame.count <= EthernetHeader.byteCount + Int(UInt16.max), "a frame of \(frame.count) bytes")
            if inbox.isFull { return .queueFull }
            for (frame, offload) in Self.finish(frame, offload) { inbox.frames.append((frame, offload, urgency)) }
            return nil
        }
    }

    /// Does what is left to do to datagrams, as a port without offload does it. Segments stay whole, with their checksum.
    private static func finish(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor
    ) -> [(frame: [UInt8], offload: OffloadDescriptor)] {
        if offload.segmentation == .udp {
            guard let whole = try? SuperFrame(parsing: frame, offload) else { preconditionFailure("\(offload)") }
            return (0..<whole.count).map { index in
                ([UInt8](capacity: whole.byteCount(of: index)) { whole.write(index, of: frame, to: &$0) }, .none)
            }
        }
        guard offload.needsChecksum else { return [([UInt8](copying: frame), offload)] }
        var editor = FrameEditor()
        editor.load(frame)
        guard (try? editor.complete(offload)) != nil else { preconditionFailure("\(offload)") }
        if offload.segmentation == .none { return [(editor.bytes, .none)] }
        let completed = OffloadDescriptor(
            segmentation: offload.segmentation, segmentSize: offload.segmentSize, headerLength: offload.headerLength)
        return [(editor.bytes, completed)]
    }

    /// A guest the data of whose connections passes libslirp by, as it is unless a test is about libslirp.
    static func relayed(_ change: (inout NATConfiguration) -> Void = { _ in }) throws -> Guest {
        try Guest {
            $0.relaysConnections = true
            change(&$0)
        }
    }

    convenience init(_ change: (inout NATConfiguration) -> Void) throws {
        var configuration = Guest.configuration
        change(&configuration)
        try self.init(configuration)
    }

    var now: ContinuousClock.Instant { (standstill ?? .now) + skew }

    /// Frames from the NAT that no test has taken yet.
    var frames: [[UInt8]] { inbox.frames.map(\.bytes) }

    /// Takes the frames from the NAT.
    func take() -> [[UInt8]] {
        defer { inbox.frames = [] }
        return frames
    }

    func takeWithUrgency() -> [(bytes: [UInt8], urgency: FrameUrgency)] {
        defer { inbox.frames = [] }
        return inbox.frames.map { ($0.bytes, $0.urgency) }
    }

    func takeWithOffload() -> [(bytes: [UInt8], offload: OffloadDescriptor)] {
        defer { inbox.frames = [] }
        return inbox.frames.map { ($0.bytes, $0.offload) }
    }

    /// Sends one frame as a batch of its own.
    @discardableResult
    func send(_ frame: [UInt8], offload: OffloadDescriptor = .none) -> DropReason? {
        let reason = nat.input(frame.span, offload: offload, now: now)
        nat.finishBatch(now: now, room: portRoom)
        return reason
    }

    /// Sends many frames as one batch; how many were dropped for each reason.
    @discardableResult
    func send(batch frames: [[UInt8]]) -> [DropReason: Int] {
        var drops: [DropReason: Int] = [:]
        for frame in frames {
            if let reason = nat.input(frame.span, offload: .none, now: now) { drops[reason, default: 0] += 1 }
        }
        nat.finishBatch(now: now, room: portRoom)
        return drops
    }

    /// Lets the NAT see to sockets and timers, as a batch of its own; `room` at the guest's port unless said otherwise.
    func poll(room: PortRoom? = nil) {
        let room = room ?? portRoom
        nat.poll(now: now, room: room)
        nat.finishBatch(now: now, room: room)
    }

    /// Lets time pass at once, with the polls that the NAT asks for.
    func pass(_ duration: Duration) {
        let end = now + duration
        while let deadline = nat.deadline, deadline <= end {
            skew += max(.zero, deadline - now)
            poll()
        }
        skew += max(.zero, end - now)
    }

    /// Runs `body` in no time of the guest's, so that no timer comes in between, however busy the machine is.
    func inNoTime(_ body: () -> Void) {
        let start = ContinuousClock.now
        standstill = start
        body()
        standstill = nil
        skew -= .now - start
    }

    /// Whether the NAT asks for a poll within a moment.
    func isReadable(within milliseconds: Int32 = 20) -> Bool {
        var poll = pollfd(fd: nat.descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one structure.
        return unsafe Glibc.poll(&poll, 1, milliseconds) > 0
    }

    /// Does what the network's loop does, once: waits for the NAT for at most `limit`, and polls it.
    func runOnce(limit: Duration = .milliseconds(2)) {
        var wait = limit
        if let deadline = nat.deadline { wait = min(wait, max(.zero, deadline - now)) }
        var poll = pollfd(fd: nat.descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one structure.
        _ = unsafe Glibc.poll(&poll, 1, Int32(wait / .milliseconds(1)) + 1)
        let isDue = nat.deadline.map { $0 <= now } ?? false
        if poll.revents != 0 || isDue { self.poll() }
    }

    /// Runs the loop until `condition`; false when that takes more than five seconds.
    @discardableResult
    func run(until condition: () -> Bool) -> Bool {
        let end = ContinuousClock.now + .seconds(5)
        while !condition() {
            guard ContinuousClock.now < end else { return false }
            runOnce()
        }
        return true
    }

    /// Runs the loop until a frame comes for which `match` has a value, and takes everything up to it.
    func await<Value>(_ match: ([UInt8]) -> Value?) -> Value? {
        var found: Value?
        run {
            while let first = inbox.frames.first {
                inbox.frames.removeFirst()
                found = match(first.bytes)
                if found != nil { return true }
            }
            return false
        }
        return found
    }

    func endpoint(_ port: UInt16) -> Endpoint { Endpoint(Guest.address, port) }
}
