import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

extension Transport {
    /// Receives until there is no more, and returns the frames and how it ended.
    func receiveAll() -> (frames: [[UInt8]], outcome: ReceiveOutcome) {
        var frames: [[UInt8]] = []
        while true {
            let outcome = receive { frame, offload in
                #expect(offload == .none)
                frames.append([UInt8](copying: frame))
            }
            if outcome != .more { return (frames, outcome) }
        }
    }

    func put(
        _ frame: [UInt8], _ urgency: FrameUrgency = .ordinary, offload: OffloadDescriptor = .none
    ) -> DropReason? {
        enqueue(frame.span, offload: offload, urgency: urgency)
    }

    /// Fills the port until it refuses, flushing as the network would; returns the frames that it took.
    func fill(_ urgency: FrameUrgency = .ordinary, byteCount: Int = 1514) -> [[UInt8]] {
        var taken: [[UInt8]] = []
        while true {
            let next = frame(byteCount, taken.count)
            guard put(next, urgency) == nil else { return taken }
            taken.append(next)
            if taken.count % 64 == 0 { flush() }
        }
    }

    var drops: [DropReason: UInt64] { counts(takeDrops()) }
}

/// What a descriptor is ready for at this moment, as the network's loop would see it.
func readiness(_ raw: Int32?, _ mask: Epoll.EventMask = [.readable, .writable]) throws -> Epoll.EventMask {
    let epoll = try Epoll()
    try epoll.add(#require(raw), mask, token: 0)
    var events = Epoll.EventList(capacity: 1)
    try epoll.wait(into: &events, timeout: .zero)
    return events.count == 0 ? [] : events[0].events
}

/// The guest's end of a connection.
final class GuestEnd {
    private var socket: Descriptor?

    init(_ socket: consuming Descriptor) {
        self.socket = consume socket
    }

    var raw: Int32 {
        switch socket {
        case .some(let socket): socket.raw
        case nil: -1
        }
    }

    func close() {
        socket = nil
    }

    /// Sends the bytes, or as one message; returns whether there was room for all.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        Socket.send(raw, bytes.span) == .moved(bytes.count)
    }

    /// The next piece of the stream, or the next message; nil when there is none now.
    func receive(_ byteCount: Int = 80_000) -> [UInt8]? {
        var buffer = [UInt8](repeating: 0, count: byteCount)
        var room = buffer.mutableSpan
        guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return nil }
        return Array(buffer.prefix(count))
    }

    /// All messages that are there.
    func receiveMessages() -> [[UInt8]] {
        var messages: [[UInt8]] = []
        while let message = receive() { messages.append(message) }
        return messages
    }
}
