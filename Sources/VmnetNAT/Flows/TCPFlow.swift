import VmnetWire

/// A TCP segment of the guest, without its data.
struct TCPSegment: Equatable, Sendable {
    var sequence: UInt32
    var acknowledgement: UInt32
    var flags: TCPHeader.Flags
    var window: UInt16
    /// Bytes of data.
    var payloadLength: Int
    /// Of a SYN: the bytes of data that the guest takes in one segment.
    var segmentSize: UInt16 = 0
    /// Of a SYN: by how much the guest's windows are to be shifted, if it offers to scale them.
    var windowScale: UInt8?
    /// Of a SYN: whether the guest takes selective acknowledgements.
    var permitsSACK = false

    init(_ header: TCPHeader, payloadLength: Int) {
        sequence = header.sequence
        acknowledgement = header.acknowledgement
        flags = header.flags
        window = header.window
        self.payloadLength = payloadLength
    }

    /// The sequence number after the data; FIN and SYN not counted.
    var end: UInt32 { sequence &+ UInt32(truncatingIfNeeded: payloadLength) }
    /// Whether libslirp would queue the segment if it came too early.
    var isQueued: Bool { payloadLength > 0 || flags.contains(.fin) }
}

/// What must be known of a connection to keep libslirp's reassembly of TCP out of play.
///
/// libslirp queues segments that arrive before their turn, each in a buffer of a whole MTU: tens of thousands in one
/// window. Before 4.8 it also misses the end of that queue and takes part of its control block for a segment when the
/// numbers in it happen to fit. So it gets to see segments in order only. The truth about the order is what libslirp
/// itself acknowledges: a guest could make us count segments that libslirp discards, by a wrong checksum for one.
struct TCPFlow: Equatable, Sendable {
    enum Verdict: Equatable {
        case pass
        /// The end of repeated acknowledgements, which libslirp must notice: pass with another window.
        ///
        /// Its short way for an acknowledgement like any other (the header prediction of 4.4BSD) forgets
        /// neither how many repetitions there were nor the congestion window that grew with them, so that no later loss
        /// would be repaired before the timer of a second or more.
        case resume
        /// A repetition that needs no answer.
        case ignore
        /// Ahead of the last acknowledgement. libslirp must be asked for a new one, which also tells the guest what is
        /// missing; then judge again, and drop the segment if it is ahead still.
        case ahead
        /// The guest has forgotten the connection and opens a new one: the old one must be reset first.
        case reopened
        case drop
    }

    /// How many segments may be ahead before each one must wait for its turn: 0 for libslirp before 4.8.
    static let lenientGap: UInt8 = 64

    /// The next sequence number libslirp expects, as of the last segment it sent.
    private(set) var acknowledged: UInt32 = 0
    /// The sequence number after the guest's SYN.
    private var firstSequence: UInt32 = 0
    /// libslirp has sent its SYN.
    private(set) var isSynchronized = false
    /// One side has sent FIN.
    private(set) var isClosing = false
    /// libslirp opened the connection, for a forwarded port.
    private(set) var isForwarded = false
    /// The sequence number after libslirp's SYN, on such a connection.
    private(set) var offered: UInt32 = 0
    /// The sequence numbers after the guest's FIN, and after libslirp's.
    private var guestEnd: UInt32?
    private var ownEnd: UInt32?
    /// Segments passed on ahead of `acknowledged` since it last moved.
    private var aheadCount: UInt8 = 0
    /// The bytes of data that the guest takes in one segment; nil before it has sent its SYN.
    private(set) var segmentSize: UInt16?
    /// By how much its windows are to be shifted; nil: it has not offered to scale them.
    private(set) var windowScale: UInt8?
    /// Whether it takes selective acknowledgements (RFC 2018).
    private(set) var permitsSACK = false
    /// Of its answer to libslirp's SYN: never shifted (RFC 7323, 2.2), and later ones as large or larger.
    private(set) var openingWindow: UInt16 = 0
    /// What the guest last acknowledged, with which window, and whether it has said so more than once.
    private(set) var confirmed: UInt32 = 0
    private var window: UInt16 = 0
    private var isRepeating = false
    /// When the guest last sent a segment, in seconds of the NAT's clock.
    var lastSeen: UInt32 = 0

    /// Whether it is open in both directions, so that no timer runs while both sides are silent.
    var isSettled: Bool { isSynchronized && !isClosing }

    init() {}

    /// A connection that the guest opens with this SYN.
    init(opening segment: TCPSegment) {
        firstSequence = segment.sequence &+ 1
        acknowledged = firstSequence
        segmentSize = segment.segmentSize
        windowScale = segment.windowScale
        permitsSACK = segment.permitsSACK
    }

    /// A connection that libslirp opens to the guest.
    static var forwarded: TCPFlow {
        var flow = TCPFlow()
        flow.isForwarded = true
        return flow
    }

    /// Says what may be done with a segment of the guest on this connection.
    ///
    /// - Parameters:
    ///   - trap: the sequence number that libslirp before 4.8 mistakes its own control block for, see `FlowGuard`; nil
    ///     for later versions.
    ///   - isReading: whether libslirp waits for the host socket to be readable. If so it has sent no FIN, and data in
    ///     order do not go through its queue.
    mutating func judge(_ segment: TCPSegment, trap: UInt32?, isReading: Bool) -> Verdict {
        if segment.flags.contains(.syn) { return judgeSYN(segment) }
        let isResumption = noteConfirmation(segment)
        guard segment.isQueued else { return isResumption ? .resume : .pass }
        if !isReading, segment.end == trap { return .drop }
        if segment.flags.contains(.fin) {
            isClosing = true
            guestEnd = segment.end &+ 1
        }
        guard Int32(bitPattern: segment.sequence &- acknowledged) > 0 else { return .pass }
        guard trap == nil, aheadCount < Self.lenientGap else { return .ahead }
        aheadCount += 1
        return .pass
    }

    /// Keeps up with what the guest acknowledges; returns whether repetitions have come to an end.
    @inline(__always)
    private mutating func noteConfirmation(_ segment: TCPSegment) -> Bool {
        if segment.acknowledgement == confirmed, segment.window == window {
            if !segment.isQueued { isRepeating = true }
            return false
        }
        // Another window leaves the short way by itself; one of 1 cannot be made smaller and stay open.
        let isResumption = isRepeating && segment.window == window && window > 1
        (confirmed, window, isRepeating) = (segment.acknowledgement, segment.window, false)
        return isResumption
    }

    /// libslirp handles a SYN's MSS option before it looks at anything else, and empties both buffers for it: on a
    /// connection it may only see the one SYN that is due.
    private mutating func judgeSYN(_ segment: TCPSegment) -> Verdict {
        if isForwarded {
            guard segment.flags.contains(.ack), !isSynchronized else { return .drop }
            segmentSize = segment.segmentSize
            windowScale = segment.windowScale
            permitsSACK = segment.permitsSACK
            openingWindow = segment.window
            return .pass
        }
        if segment.flags.contains(.ack) { return .drop }
        // While it connects, libslirp answers nothing; once it has answered, it repeats the answer by itself.
        return !isSynchronized || segment.sequence &+ 1 == firstSequence ? .ignore : .reopened
    }

    /// The flags, and the number acknowledged, with which a reset of the guest's is believed.
    var reset: (flags: TCPHeader.Flags, acknowledgement: UInt32) {
        // Who has sent a SYN wants to see its number (RFC 9293, 3.10.7.3).
        isForwarded && !isSynchronized ? ([.rst, .ack], offered) : (.rst, 0)
    }

    /// Notes the first segment that libslirp sends on a connection that it opens.
    mutating func noteOpening(sequence: UInt32) {
        offered = sequence &+ 1
    }

    /// Notes a segment of libslirp's with FIN, whose sequence number is the one before `end`.
    mutating func noteEnd(_ end: UInt32) {
        ownEnd = end
    }

    /// Both sides of a connection that libslirp has opened have ended it, and know so of each other. libslirp keeps it for
    /// ten seconds more, descriptor included, to repeat its last answer, which would not get lost here.
    var isOver: Bool { isForwarded && confirmed == ownEnd && acknowledged == guestEnd }

    /// Notes what libslirp has been given in the guest's name, on a connection whose data it does not see.
    mutating func noteGiven(flags: TCPHeader.Flags, sequence: UInt32, acknowledgement: UInt32) {
        confirmed = acknowledgement
        guard flags.contains(.fin) else { return }
        isClosing = true
        guestEnd = sequence &+ 1
    }

    /// Notes what a segment of libslirp's says about its state.
    mutating func noteSent(flags: TCPHeader.Flags, acknowledgement: UInt32) {
        if flags.contains(.fin) { isClosing = true }
        guard flags.contains(.ack), !flags.contains(.rst) else { return }
        // The answer to the guest's SYN has one itself; the answer to the guest's answer has none.
        if flags.contains(.syn) != isForwarded { isSynchronized = true }
        if acknowledgement != acknowledged { aheadCount = 0 }
        acknowledged = acknowledgement
    }
}
