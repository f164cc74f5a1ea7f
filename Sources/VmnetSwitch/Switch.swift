package import VmnetWire

/// A learning switch with the gateway built in (IEEE 802.1D, 7.1), without the frames: header in, verdict out.
package struct Switch: Sendable {
    private struct Member {
        let id: PortID
        let isIsolated: Bool
    }

    /// The gateway's address, which no guest may use; zero, which is no station's, where there is no gateway.
    private let gateway: MACAddress
    package private(set) var table: ForwardingTable
    /// By the place of the port.
    private var members: [Member?] = []
    /// The ports that frames to everybody go to, by place.
    private var audience: [PortID] = []

    /// - Parameters:
    ///   - gateway: its address; nil = a segment without a gateway.
    ///   - random: as for `ForwardingTable`.
    package init(
        gateway: MACAddress?, age: Duration = ForwardingTable.defaultAge, using random: inout some RandomNumberGenerator
    ) {
        self.gateway = gateway ?? .zero
        table = ForwardingTable(age: age, using: &random)
    }

    package init(gateway: MACAddress?, age: Duration = ForwardingTable.defaultAge) {
        var random = SystemRandomNumberGenerator()
        self.init(gateway: gateway, age: age, using: &random)
    }

    /// Adds a port, once. An isolated one exchanges frames with the gateway only.
    package mutating func attach(_ port: PortID, isIsolated: Bool = false) {
        detach(port)
        while members.count <= port.place { members.append(nil) }
        members[port.place] = Member(id: port, isIsolated: isIsolated)
        listAudience()
    }

    package mutating func detach(_ port: PortID) {
        guard member(port) != nil else { return }
        members[port.place] = nil
        listAudience()
        table.forget(port)
    }

    /// Learns the source of a frame that came in on `port`, and decides where the frame goes.
    ///
    /// The rest of a batch from a port that has been detached is dropped: nothing is learned for it any more.
    package mutating func forward(_ header: EthernetHeader, from port: PortID, now: Uptime) -> Verdict {
        guard let sender = member(port), !header.source.isMulticast, header.source != .zero, header.source != gateway
        else {
            return .drop(.badSource)
        }
        learn(header.source, on: sender, now: now)
        if header.destination == gateway { return .gateway }
        if header.destination.isMulticast { return .flood(gateway: true) }
        guard let known = table.port(of: header.destination, now: now), let receiver = member(known) else {
            // Among the others there may be its destination, but an isolated guest has no others.
            return sender.isIsolated ? .drop(.isolated) : .flood(gateway: false)
        }
        if known == port { return .drop(.samePort) }
        return sender.isIsolated || receiver.isIsolated ? .drop(.isolated) : .port(known)
    }

    /// An isolated guest does not take over an address that is another's: it would cut off a guest that it is to have
    /// nothing to do with.
    @inline(__always)
    private mutating func learn(_ address: MACAddress, on sender: Member, now: Uptime) {
        if sender.isIsolated, let holder = table.port(of: address, now: now), holder != sender.id { return }
        table.learn(address, on: sender.id, now: now)
    }

    /// Calls `body` with each port that may hear from `port`, in order of their places; never with itself.
    package func forEachPeer(of port: PortID, _ body: (PortID) -> Void) {
        guard let sender = member(port), !sender.isIsolated else { return }
        for peer in audience where peer != port { body(peer) }
    }

    /// How many ports `forEachPeer` would call.
    package func peerCount(of port: PortID) -> Int {
        guard let sender = member(port), !sender.isIsolated else { return 0 }
        return audience.count - 1
    }

    @inline(__always)
    private func member(_ port: PortID) -> Member? {
        guard port.place < members.count, let member = members[port.place], member.id == port else { return nil }
        return member
    }

    private mutating func listAudience() {
        audience = members.compactMap { member in member.flatMap { $0.isIsolated ? nil : $0.id } }
    }
}
