import Synchronization
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// A guest's attachment to a network, for a program that moves the guest's packets itself: an emulator.
///
/// Every method may be called from any thread, also at the same time.
public final class Interface: Sendable {
    /// What the interface is. It does not change.
    public let parameters: InterfaceParameters

    private let format: PacketFormat
    private let ring: PacketRing
    private let announcer: PacketAnnouncer
    private let link: any InterfaceLink
    private let isStopped = Atomic(false)

    init(
        _ parameters: InterfaceParameters, _ format: PacketFormat, ring: PacketRing, announcer: PacketAnnouncer,
        link: any InterfaceLink
    ) {
        self.parameters = parameters
        self.format = format
        self.ring = ring
        self.announcer = announcer
        self.link = link
    }

    deinit {
        stop()
    }

    /// Lends waiting packets to `body`, oldest first, which copies what it needs and says whether it has taken the packet.
    /// Reading ends at the first that it has not taken, which stays. It does not wait for packets.
    ///
    /// - Parameters:
    ///   - maximumCount: up to `parameters.readLimit`.
    ///   - index: 0 for the first packet of this call.
    ///   - packet: an Ethernet frame without its check sequence, behind a virtio-net header if the interface has one.
    ///   - body: keeps other readers of this interface waiting, and nobody else; it must not read from it.
    /// - Returns: how many packets were taken.
    /// - Throws: `.tooManyPackets` above the limit, `.stopped` after `stop`.
    public func read(
        upTo maximumCount: Int, _ body: (_ index: Int, _ packet: Span<UInt8>) -> Bool
    ) throws(VmnetError) -> Int {
        guard maximumCount <= parameters.readLimit else {
            throw VmnetError(
                .tooManyPackets, "a read takes \(parameters.readLimit) packets at most, not \(maximumCount)")
        }
        guard !isStopped.load(ordering: .acquiring) else { throw .stopped }
        let reading = ring.read(upTo: maximumCount, body)
        if reading.count > 0 { noteRead(reading) }
        return reading.count
    }

    /// Who is told of what waits is told again when the read has left some, and soon.
    private func noteRead(_ reading: PacketRing.Reading) {
        let wasToWait = announcer.shortenInterval()
        announcer.noteRead()
        let isLeftOver = announcer.hasListeners && announcer.hasPackets && announcer.announce()
        if reading.isRoomAwaited || wasToWait || isLeftOver { link.attend() }
    }

    /// Sends packets on the caller's thread: when it returns, each has reached the queue of whom it is for, a socket of the
    /// host, or its end.
    ///
    /// - Parameter body: adds packets to the batch, up to `parameters.writeLimit`. It holds up the network, and must not
    ///   call anything of it.
    /// - Throws: `.stopped` when the interface, or its network, has been stopped, and what `body` throws, such as the
    ///   errors of `PacketBatch.add`; packets that were added before have been sent.
    public func write(_ body: (inout PacketBatch) throws(VmnetError) -> Void) throws(VmnetError) {
        guard !isStopped.load(ordering: .acquiring) else { throw .stopped }
        try link.send { send throws(VmnetError) in
            var batch = PacketBatch(format, send)
            try body(&batch)
        }
    }

    /// How many packets wait.
    public var waitingPacketCount: Int { ring.waitingCount }

    /// A descriptor for poll(2), readable while packets wait; nothing may be read from it. It is the interface's own, and
    /// open as long as the interface is. It is made when it is asked for first.
    ///
    /// - Throws: `.system` when no descriptor is left.
    public var descriptor: Int32 {
        get throws(VmnetError) {
            do {
                let descriptor = try announcer.descriptor()
                link.attend()
                return descriptor
            } catch {
                throw VmnetError(error)
            }
        }
    }

    /// Has `handler` called when packets have arrived, after a read that has left some, and as long as unread packets wait
    /// again and again: after 5 milliseconds, then at intervals that double, up to 320, until there is a read. It is never
    /// called when none wait.
    ///
    /// Calls come one at a time, on the thread that has brought the packets: the network's own, a writer's or a reader's. They
    /// hold that thread up, so a handler must not wait for anything; it may call everything of this interface.
    ///
    /// When the method returns, no call of the handler before begins any more; it waits for one that runs on another thread.
    ///
    /// - Parameter handler: told how many packets wait, one at least; nil = nobody is called. The interface keeps it until
    ///   `stop`, so it should not keep the interface.
    public func setEventHandler(_ handler: (@Sendable (_ estimatedPackets: Int) -> Void)?) {
        announcer.setHandler(handler)
        if handler != nil { link.attend() }
    }

    /// What has passed, and what was dropped and why. "Sent" is what was queued for this interface, "received" what it wrote.
    public var statistics: TrafficCounters { link.counters }

    /// Opens a port of the network's host that leads to a guest, whichever the forward names. It ends with the interface.
    ///
    /// - Returns: the forward, with the port that it really has.
    /// - Throws: `.busy` or `.system` when the port is taken, `.refused` when a network in another process says so,
    ///   `.notRunning` while that is away, `.stopped` after `stop`.
    @discardableResult
    public func addForward(_ forward: PortForward) throws(VmnetError) -> PortForward {
        guard !isStopped.load(ordering: .acquiring) else { throw .stopped }
        return try link.addForward(forward)
    }

    /// Closes the port of a forward that was added to this interface, and ends its connections.
    ///
    /// - Parameter forward: found by its host side, with the port that it really has.
    /// - Throws: `.invalidConfiguration` when there is none, `.refused` or `.notRunning` for a network in another process,
    ///   `.stopped` after `stop`.
    public func removeForward(_ forward: PortForward) throws(VmnetError) {
        guard !isStopped.load(ordering: .acquiring) else { throw .stopped }
        try link.removeForward(forward)
    }

    /// Takes the interface off its network. Afterwards reads and writes throw `.stopped`, and no call of the event handler
    /// begins. It may be called again, and is when nobody refers to the interface any more.
    public func stop() {
        guard !isStopped.exchange(true, ordering: .acquiringAndReleasing) else { return }
        announcer.stop()
        link.close()
    }
}
