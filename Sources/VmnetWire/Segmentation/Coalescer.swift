/// Joins the TCP segments of one batch of frames into super-frames, and leaves out acknowledgements that the next one
/// says again: what a guest without offload sends as many frames goes on as few.
///
/// Segments join when the result, cut again by `SuperFrame`, is what came in: full-sized, in order and with equal headers,
/// of which the last may be short. Of acknowledgement number and window the latest counts, as it would have. Whatever
/// else belongs to a connection goes on by itself, but not before what is held of that connection: no connection is
/// reordered.
///
/// Each segment's checksum is verified in the pass that copies it, and one that is wrong is not joined. Adding up the
/// segments' own checksums instead would save that sum, but a super-frame's checksum is only as good as the last look at
/// it: cut again for another guest, a corrupted segment would get a right one.
@safe package struct Coalescer: ~Copyable {
    /// Connections that segments are held of at a time; one more sends on what is held of the oldest.
    package static let flowCapacity = 8
    /// The largest IP packet made, in bytes.
    package static let packetLimit = 65535
    /// Whole pages, so that a connection with little touches one.
    private static let roomByteCount = 17 * 4096

    // Safety: allocated in init, freed in deinit: `flowCapacity` frames of `roomByteCount` bytes, and as many flows, all
    // initialised. What of a frame has been written, its flow says. A place is below `flowCapacity`.
    private let room: UnsafeMutablePointer<UInt8>
    private let flows: UnsafeMutablePointer<CoalescedFlow>
    /// Of each flow; 0 = free.
    private var fingerprints: [8 of UInt64]
    private var heldFlows = 0
    /// Flows begun so far, for their age.
    private var begun: UInt32 = 0

    package init() {
        unsafe room = .allocate(capacity: Self.flowCapacity * Self.roomByteCount)
        unsafe flows = .allocate(capacity: Self.flowCapacity)
        unsafe flows.initialize(repeating: CoalescedFlow(), count: Self.flowCapacity)
        fingerprints = [8 of UInt64](repeating: 0)
    }

    deinit {
        // Safety: allocated in init; the elements need no deinitialisation.
        unsafe room.deallocate()
        unsafe flows.deallocate()
    }

    /// Takes the next frame, at least 14 bytes and complete, and hands on what need not wait any more: perhaps this
    /// frame, perhaps others, perhaps nothing. What is handed on is lent for the call.
    package mutating func take(_ frame: Span<UInt8>, _ deliver: (Span<UInt8>, OffloadDescriptor) -> Void) {
        let segment: CoalescerSegment
        do throws(CoalescerSegment.Refusal) {
            segment = try CoalescerSegment(parsing: frame)
        } catch {
            if error == .obscure { flush(deliver) }
            return deliver(frame, .none)
        }
        if let place = place(of: segment.fingerprint) {
            switch join(frame, segment, at: place) {
            case .more: return
            case .last: return release(place, deliver)
            case .no: release(place, deliver)
            }
        }
        if !begin(frame, segment, deliver) { deliver(frame, .none) }
    }

    /// The same for a frame to which something may be left to do: its sender has joined its segments, if there was anything
    /// to join, and it goes on as it is, but not before what is held of its connection.
    package mutating func take(
        _ frame: Span<UInt8>, _ offload: OffloadDescriptor, _ deliver: (Span<UInt8>, OffloadDescriptor) -> Void
    ) {
        if offload.isNone { return take(frame, deliver) }
        flush(deliver)
        deliver(frame, offload)
    }

    /// Hands on what is held: at the end of each batch.
    package mutating func flush(_ deliver: (Span<UInt8>, OffloadDescriptor) -> Void) {
        while heldFlows > 0 { release(oldest, deliver) }
    }
}

// MARK: - Flows

extension Coalescer {
    private func place(of fingerprint: UInt64) -> Int? {
        guard heldFlows > 0 else { return nil }
        for place in fingerprints.indices where fingerprints[place] == fingerprint { return place }
        return nil
    }

    /// Of the flows that are held, the one begun first.
    private var oldest: Int {
        var oldest = 0
        var age: UInt32 = 0
        for place in fingerprints.indices where fingerprints[place] != 0 {
            // From 1 on, so that the only one is found.
            let other = unsafe begun &- flows[place].begun &+ 1
            if other > age { (oldest, age) = (place, other) }
        }
        return oldest
    }

    private enum Joining {
        case more
        /// The flow is complete with this one.
        case last
        case no
    }

    /// Adds a segment to the flow at `place`, unless that is against the rules.
    @inline(__always)
    private mutating func join(_ frame: Span<UInt8>, _ segment: CoalescerSegment, at place: Int) -> Joining {
        guard unsafe flows[place].takes(segment), withFrame(place, { segment.hasSameHeaders(frame, $0) }) else {
            return .no
        }
        // An acknowledgement takes the other's place.
        let offset = unsafe segment.kind == .acknowledgement ? 0 : flows[place].byteCount
        guard write(frame, segment, at: place, from: offset) else { return .no }
        return unsafe flows[place].isComplete ? .last : .more
    }

    /// Holds a segment, as the first of its flow; false if it has to go on by itself.
    @inline(__always)
    private mutating func begin(
        _ frame: Span<UInt8>, _ segment: CoalescerSegment, _ deliver: (Span<UInt8>, OffloadDescriptor) -> Void
    ) -> Bool {
        // Behind a push nothing is to be expected, and whoever pushed is waiting.
        guard segment.kind != .other, !segment.header.flags.contains(.psh) else { return false }
        if heldFlows == Self.flowCapacity { release(oldest, deliver) }
        guard let place = place(ofFree: ()) else { return false }
        unsafe flows[place] = CoalescedFlow(segment, begun: begun)
        guard write(frame, segment, at: place, from: 0) else { return false }
        begun &+= 1
        fingerprints[place] = segment.fingerprint
        heldFlows += 1
        return true
    }

    private func place(ofFree: Void) -> Int? {
        for place in fingerprints.indices where fingerprints[place] == 0 { return place }
        return nil
    }

    /// Sends a flow on.
    private mutating func release(_ place: Int, _ deliver: (Span<UInt8>, OffloadDescriptor) -> Void) {
        fingerprints[place] = 0
        heldFlows -= 1
        // Safety: the flow's bytes have been written, and nobody else uses them during the call.
        let elements = unsafe UnsafeMutableBufferPointer(start: start(place), count: flows[place].byteCount)
        var frame = unsafe MutableSpan(_unsafeElements: elements)
        unsafe flows[place].finish(&frame)
        deliver(frame.span, unsafe flows[place].offload)
    }
}

// MARK: - Bytes

extension Coalescer {
    private func start(_ place: Int) -> UnsafeMutablePointer<UInt8> {
        unsafe room + place * Self.roomByteCount
    }

    /// Lends what is held of a flow.
    @inline(__always)
    private func withFrame<R>(_ place: Int, _ body: (Span<UInt8>) -> R) -> R {
        // Safety: the flow's bytes have been written.
        unsafe body(Span(_unsafeStart: start(place), count: flows[place].byteCount))
    }

    /// Writes a segment's frame from `offset` on: all of it at 0, else its payload. Returns whether its checksum is right;
    /// otherwise the flow is as it was.
    @inline(__always)
    private mutating func write(
        _ frame: Span<UInt8>, _ segment: CoalescerSegment, at place: Int, from offset: Int
    ) -> Bool {
        var sum = segment.headerSum(of: frame)
        // An acknowledgement takes another's place only if it is right.
        if segment.payloadByteCount == 0, sum.folded != 0xffff { return false }
        // Safety: the room behind `offset` is this flow's, and an output span writes no further than that.
        let free = unsafe UnsafeMutableBufferPointer(start: start(place) + offset, count: Self.roomByteCount - offset)
        var output = unsafe OutputSpan(buffer: free, initializedCount: 0)
        if offset == 0 { output.append(frame.extracting(first: segment.payloadOffset)) }
        let payloadSum = output.append(summing: frame.extracting(segment.payloadOffset..<segment.end))
        let written = unsafe output.finalize(for: free)
        sum.add(payloadSum)
        guard sum.folded == 0xffff else { return false }
        unsafe flows[place].add(segment, payloadSum: payloadSum, byteCount: offset + written)
        return true
    }
}
