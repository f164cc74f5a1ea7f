package import VmnetWire

/// A learning switch with the gateway built in (IEEE 802.1D, 7.1), without the frames: header in, verdict out.
package struct Switch: Sendable {
    private struct Member {
        let id: PortID
        let isIsolated: Bool
    }

    /// The gateway's address; zero, which is no station's, where there is no gateway.
    private let gateway: MACAddress
    /// The address that no guest may use: the gateway's, or the host's own on the physical network; or zero.
    private var reserved: MACAddress
    package private(set) var table: ForwardingTable
    /// By the place of the port.
    private var members: [Member?] = []
    /// The ports that frames to everybody go to, by place.
    private var audience: [PortID] = []
    /// Those that hear from the physical network: isolated guests' too.
    private var guests: [PortID] = []
    /// Whether there is a physical network beyond the uplink, which stands for all of its stations.
    private let hasUplink: Bool

    /// - Parameters:
    ///   - gateway: its address; nil = a segment without a gateway.
    ///   - hasUplink: whether the segment is part of a physical network, beyond `PortID.uplink`.
    ///   - random: as for `ForwardingTable`.
    package init(
        gateway: MACAddress?, hasUplink: Bool = false, age: Duration = ForwardingTable.defaultAge,
        using random: inout some RandomNumberGenerator
    ) {
        self.gateway = gateway ?? .zero
        reserved = self.gateway
        self.hasUplink = hasUplink
        table = ForwardingTable(age: age, using: &random)
    }

    package init(gateway: MACAddress?, hasUplink: Bool = false, age: Duration = ForwardingTable.defaultAge) {
        var random = SystemRandomNumberGenerator()
        self.init(gateway: gateway, hasUplink: hasUplink, age: age, using: &random)
    }

    /// Keeps an address from guests: that of the host's interface to the physical network.
    package mutating func reserve(_ address: MACAddress) {
        reserved = address
    }

    /// Adds a guest's port, once. An isolated one exchanges frames with the gateway and the physical network only.
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
        guard let sender = member(port), !header.source.isMulticast, header.source != .zero, header.source != reserved
        else {
            return .drop(.badSource)
        }
        learn(header.source, on: sender, now: now)
        if header.destination == gateway { return .gateway }
        if header.destination.isMulticast { return .flood(gateway: true) }
        guard let known = table.port(of: header.destination, now: now) else {
            return unknown(from: sender)
        }
        if known == port { return .drop(.samePort) }
        guard let receiver = member(known) else { return known == .uplink ? .port(known) : unknown(from: sender) }
        return sender.isIsolated || receiver.isIsolated ? .drop(.isolated) : .port(known)
    }

    /// Among the others there may be its destination, but an isolated guest has no others.
    private func unknown(from sender: Member) -> Verdict {
        sender.isIsolated && !hasUplink ? .drop(.isolated) : .flood(gateway: false)
    }

    /// Learns the source of a frame that came in from the physical network, and decides where the frame goes: to the guest
    /// that it is for, to all for a group, or nowhere.
    ///
    /// What has the address of a guest, or of the host's interface, was sent here and came back, by a loop or a switch that
    /// reflects: it would take the guest's frames to where the guest is not.
    package mutating func forwardFromUplink(_ header: EthernetHeader, now: Uptime) -> Verdict {
        guard !header.source.isMulticast, header.source != .zero else { return .drop(.badSource) }
        guard header.source != reserved else { return .drop(.reflected) }
        guard table.claim(header.source, for: .uplink, now: now) else { return .drop(.reflected) }
        if header.destination.isMulticast { return .flood(gateway: false) }
        guard let known = table.guestPort(of: header.destination), member(known) != nil else {
            return .drop(.noReceiver)
        }
        return .port(known)
    }

    /// An isolated guest does not take over an address that is another's: it would cut off a guest that it is to have
    /// nothing to do with.
    @inline(__always)
    private mutating func learn(_ address: MACAddress, on sender: Member, now: Uptime) {
        if sender.isIsolated {
            _ = table.claim(address, for: sender.id, now: now)
        } else {
            table.learn(address, on: sender.id, now: now)
        }
    }

    /// Calls `body` with each port that may hear from `port`, in order of their places; never with itself.
    package func forEachPeer(of port: PortID, _ body: (PortID) -> Void) {
        guard let sender = member(port), !sender.isIsolated else { return forEachOfFewPeers(of: port, body) }
        for peer in audience where peer != port { body(peer) }
    }

    /// How many ports `forEachPeer` would call.
    package func peerCount(of port: PortID) -> Int {
        guard let sender = member(port), !sender.isIsolated else { return fewPeerCount(of: port) }
        return audience.count - 1
    }

    /// An isolated guest has the physical network alone; the physical network has all guests.
    @inline(never)
    private func forEachOfFewPeers(of port: PortID, _ body: (PortID) -> Void) {
        guard hasUplink else { return }
        if port == .uplink {
            for guest in guests { body(guest) }
        } else if member(port) != nil {
            body(.uplink)
        }
    }

    @inline(never)
    private func fewPeerCount(of port: PortID) -> Int {
        guard hasUplink else { return 0 }
        if port == .uplink { return guests.count }
        return member(port) == nil ? 0 : 1
    }

    @inline(__always)
    private func member(_ port: PortID) -> Member? {
        guard port.place < members.count, let member = members[port.place], member.id == port else { return nil }
        return member
    }

    private mutating func listAudience() {
        guests = members.compactMap { $0?.id }
        audience = members.compactMap { member in member.flatMap { $0.isIsolated ? nil : $0.id } }
        if hasUplink { audience.insert(.uplink, at: 0) }
    }
}
