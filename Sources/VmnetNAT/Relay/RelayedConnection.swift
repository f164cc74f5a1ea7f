import VmnetWire

/// One connection whose data the relay carries: where each direction stands.
///
/// libslirp has opened it and will close it. It sees no data in between, so that its own sequence numbers stand still:
/// they are those of the first byte each way.
final class RelayedConnection {
    let slot: Int
    let generation: UInt32
    let key: FlowKey
    /// The host's socket, which is libslirp's.
    let descriptor: Int32
    /// Bytes of data in one segment for the guest.
    let segmentSize: Int
    /// Bytes of data in one frame: whole segments, as many as fit beside their headers into 64 KiB, which is what ports take.
    let frameByteCount: Int
    /// By how much a window is shifted in the guest's segments (RFC 7323, 2.2); nil: neither side scales.
    let guestScale: UInt8?
    /// Whether the guest takes selective acknowledgements (RFC 2018).
    let permitsSACK: Bool
    /// The first byte that libslirp would send, and the first that it would take.
    let librarySequence: UInt32
    let libraryAcknowledgement: UInt32

    /// Where the guest's last segment came from.
    var station = MACAddress.zero
    /// The guest has acknowledged libslirp's SYN, or the other way round.
    var isOpen: Bool

    // MARK: From the guest

    /// The next byte that the guest is to send.
    var received: UInt32
    /// The end of the window that the guest was last told.
    var promised: UInt32
    /// The most that the guest is promised, and kept of it: grows while it uses that.
    var share = RelayedConnection.firstShare
    /// What is set aside for that in the guest's pool.
    var reserved = 0
    /// When the guest began to use its share as it does, in nanoseconds, and what it has sent since.
    var burstStart: Int64 = 0
    var burstByteCount = 0
    /// What the host's socket has not taken.
    var backlog: Backlog?
    /// The socket takes nothing at the moment, and there is no memory for a backlog: the guest must wait.
    var isBlocked = false
    /// Bytes that are acknowledged, and neither with the socket nor in the backlog at this moment.
    var inHand = 0
    /// The host's socket refuses bytes for good: the guest is told, and nothing more is taken from it.
    var hasFailed = false
    /// The guest's FIN has come, but bytes before it are still in the backlog.
    var isFinishing = false
    /// libslirp has taken the guest's FIN.
    var isFinished = false
    /// When the guest was last answered for what says nothing, in nanoseconds.
    var rejoinder: Int64 = 0
    /// The guest is to be told where its stream stands.
    var owesAcknowledgement = false
    /// How often it is to be told so by segments that say nothing else: that bytes are missing, or there is room again.
    var complaints = 0

    // MARK: To the guest

    /// The first byte that the guest has not acknowledged, and the next to be sent.
    var unacknowledged: UInt32
    var next: UInt32
    /// The bytes between the two.
    var flight: StreamBuffer?
    /// Bytes that the guest takes.
    var window = 0
    /// Acknowledgements in a row that say nothing new.
    var repetitions = 0
    /// Until this is acknowledged, bytes are sent again; nil: none is missing.
    var recovery: UInt32?
    /// What was last acknowledged is the last of that, and no more.
    var hasJustRecovered = false
    /// When what was under way was last sent again because a closed window had opened, in nanoseconds, and how often since
    /// anything was acknowledged.
    var resumption: Int64 = 0
    var resumptions = 0
    /// Bytes that the guest misses before the first that it has behind them; 0: it has not said.
    var missing = 0
    /// The end of what has been sent again, and what was next to be sent at that time.
    var resentEnd: UInt32 = 0
    var resentBefore: UInt32 = 0
    /// The socket may have more.
    var isReadable = true
    /// A short read does not mean that the socket is empty: the host has ended its stream, which is an event only once,
    /// the connection has failed, or there are urgent data, before and behind which a read stops.
    var isReadTwice = false
    /// The socket has no more, ever.
    var isExhausted = false
    /// libslirp has the rest: the end of the stream, or an error.
    var isReleased = false
    /// What libslirp has sent of that, bytes or a FIN, and what the guest has acknowledged.
    var sentRest: UInt32 = 0
    var acknowledgedRest: UInt32 = 0
    /// The last of it was a FIN.
    var isEndSent = false
    /// When something was last acknowledged or sent again, or the end sent, in nanoseconds, and how often in a row in vain.
    var progress: Int64 = 0
    var attempts = 0
    /// How often in a row something was sent again without a word from the guest.
    var silentAttempts = 0

    // MARK: The relay's lists

    var isAnswering = false
    var isRunnable = false
    var isTimed = false

    /// - Parameters:
    ///   - sequence: the number of the first byte to the guest.
    ///   - acknowledgement: the number of the first byte of the guest.
    init(
        slot: Int, generation: UInt32, key: FlowKey, descriptor: Int32, segmentSize: Int, guestScale: UInt8?,
        permitsSACK: Bool, sequence: UInt32, acknowledgement: UInt32, isOpen: Bool
    ) {
        self.slot = slot
        self.generation = generation
        self.key = key
        self.descriptor = descriptor
        self.segmentSize = segmentSize
        let headers = (key.isIPv4 ? IPv4Header.byteCount : IPv6Header.byteCount) + TCPHeader.byteCount
        frameByteCount = max(1, (Int(UInt16.max) - headers) / segmentSize) * segmentSize
        self.guestScale = guestScale
        self.permitsSACK = permitsSACK
        self.isOpen = isOpen
        librarySequence = sequence
        libraryAcknowledgement = acknowledgement
        unacknowledged = sequence
        next = sequence
        received = acknowledgement
        promised = acknowledgement &+ UInt32(UInt16.max)
    }

    /// Bytes that the guest has not acknowledged.
    var flightCount: Int { Int(next &- unacknowledged) }

    /// What the guest is told: the next number of its that is expected.
    var acknowledgement: UInt32 { received &+ (isFinished ? 1 : 0) }

    /// The number of a segment for the guest that says nothing new: any older one would be ignored, with all it
    /// acknowledges (RFC 9293, 3.10.7.4).
    var nextSequence: UInt32 { next &+ sentRest }

    /// Bytes that the guest may send.
    var room: Int {
        if isBlocked { return 0 }
        let most = guestScale == nil ? Int(UInt16.max) : share
        return max(0, most - (backlog?.count ?? 0) - inHand)
    }

    /// Whether the guest has not acknowledged the end of the host's stream, although all before it.
    var owesEnd: Bool { isEndSent && flightCount == 0 && acknowledgedRest != sentRest }

    /// Notes that a segment is about to tell the guest where its stream stands, and its window.
    func noteAcknowledged() {
        owesAcknowledgement = false
        promised = received &+ UInt32(room)
    }

    /// The most that is under way to the guest, in bytes: what a stream socket holds, what the guest's thread has read from
    /// it, and room for the next read of either. With less that thread and the network's work by turns, each for want of the
    /// other's.
    static let window = 3 << 19
    /// The most that the guest is promised, in bytes. It goes through a queue of the guest's: a TAP interface's takes 1000
    /// frames by default, which many connections fill together.
    static let largestShare = 512 << 10
    /// What the guest is promised at first, as by libslirp. Nothing is set aside for that: as a rule the host's socket takes
    /// as much on its own. When it does not, and there is no memory either, the guest is told to wait.
    static let firstShare = 64 << 10
    /// By how much the windows are shifted that the guest is told.
    static let scale: UInt8 = 4

    /// The window field of a segment for the guest.
    var windowField: UInt16 { UInt16(clamping: guestScale == nil ? room : room >> Int(Self.scale)) }

    /// The bytes that a window field of the guest's means.
    func byteCount(ofWindow field: UInt16) -> Int { Int(field) << Int(guestScale ?? 0) }
}
