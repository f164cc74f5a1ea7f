import VmnetSwitch
import VmnetSystem
import VmnetWire

/// What the engines of one guest share: its flows and their limits, the time, and the way to its port.
///
/// Engines are called back in the middle of their calls, so no access to a property may be open around such a call.
final class GuestContext {
    typealias Output = (Span<UInt8>, OffloadDescriptor, FrameUrgency) -> DropReason?

    var flows: FlowGuard
    var now: NATTime
    var counters = NATCounters()
    /// Everything that makes the NAT worth a poll: the sockets of all engines.
    let epoll: Epoll
    let budget: SocketBudget
    let gatewayMAC: MACAddress
    private let gateway: IPv4Address
    private let gateway6: IPv6Address?
    private let mtu: Int
    private let output: Output
    /// Of the last IPv6 packet that went out in fragments. It begins anywhere, so that nobody can tell it.
    private var fragmentIdentification = UInt32.random(in: 0 ... .max)
    /// For fragments; taken out while in use.
    private var editor = FrameEditor()

    init(
        _ configuration: NATConfiguration, gatewayMAC: MACAddress, isLenient: Bool, now: NATTime,
        output: @escaping Output
    ) throws(SystemError) {
        epoll = try Epoll()
        flows = FlowGuard(limits: configuration.limits, isLenient: isLenient)
        budget = .current()
        self.now = now
        self.gatewayMAC = gatewayMAC
        gateway = configuration.gatewayAddress
        gateway6 = configuration.nat66Prefix.map { GatewayAddresses6(prefix: $0).gateway }
        mtu = max(configuration.mtu, NATConfiguration.minimumMTU)
        self.output = output
    }

    /// Hands a frame to the guest's port: as it is, when it or its segments are what the guest's network carries, or in
    /// fragments.
    func deliver(_ frame: Span<UInt8>, _ urgency: FrameUrgency, offload: OffloadDescriptor = .none) {
        guard offload.isNone, frame.count > EthernetHeader.byteCount + mtu else { return put(frame, urgency, offload) }
        deliverFragments(of: frame, urgency)
    }

    private func deliverFragments(of frame: Span<UInt8>, _ urgency: FrameUrgency) {
        fragmentIdentification &+= 1
        guard
            let packet = try? FragmentedPacket(
                parsing: frame, mtu: mtu, identification: fragmentIdentification)
        else { return }
        var fragment = FrameEditor()
        swap(&fragment, &editor)
        defer { swap(&fragment, &editor) }
        for index in 0..<packet.count {
            fragment.load(byteCount: packet.byteCount(of: index)) { packet.write(index, of: frame, to: &$0) }
            put(fragment.bytes.span, urgency, .none)
        }
    }

    private func put(_ frame: Span<UInt8>, _ urgency: FrameUrgency, _ offload: OffloadDescriptor) {
        if output(frame, offload, urgency) != nil { counters.refusedByPort += 1 }
    }

    /// Ends the guest's connection that `frame` is a segment on.
    func reset(_ frame: Span<UInt8>) {
        let answer = Refusal.reset.answer(to: frame, gatewayMAC: gatewayMAC, gateway: gateway, gateway6: gateway6)
        if let answer { deliver(answer.span, .held) }
    }

    /// Tells the guest that its packet is refused, unless it has been told so too often.
    func refuse(_ frame: Span<UInt8>, _ refusal: Refusal) {
        guard flows.mayRefuse(now: now) else { return }
        let answer = refusal.answer(to: frame, gatewayMAC: gatewayMAC, gateway: gateway, gateway6: gateway6)
        guard let answer else { return }
        counters.refusals += 1
        deliver(answer.span, .ordinary)
    }
}
