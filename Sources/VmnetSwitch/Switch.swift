package import VmnetWire

/// A learning switch with the gateway built in (IEEE 802.1D, 7.1), without the frames: header in, verdict out.
package struct Switch: Sendable {
    private struct Member {
        let id: PortID
        let isIsolated: Bool
    }

    /// The gateway's address, which no guest may use.
    package let gateway: MACAddress
    package private(set) var table: ForwardingTable
    /// In ascending order of their numbers.
    private var members: [Member] = []

    package init(gateway: MACAddress, age: Duration = ForwardingTable.defaultAge) {
        self.gateway = gateway
        table = ForwardingTable(age: age)
    }

    /// Adds a port, once. An isolated one exchanges frames with the gateway only.
    package mutating func attach(_ port: PortID, isIsolated: Bool = false) {
        detach(port)
        members.insert(Member(id: port, isIsolated: isIsolated), at: place(of: port))
    }

    package mutating func detach(_ port: PortID) {
        members.removeAll { $0.id == port }
        table.forget(port)
    }

    /// Learns the source of a frame that came in on `port`, and decides where the frame goes.
    ///
    /// The rest of a batch from a port that has been detached is dropped: nothing is learned for it any more.
    package mutating func forward(
        _ header: EthernetHeader, from port: PortID, now: ContinuousClock.Instant
    ) -> Verdict {
        guard let sender = member(port), !header.source.isMulticast, header.source != .zero, header.source != gateway
        else {
            return .drop(.badSource)
        }
        learn(header.source, on: sender, now: now)
        if header.destination == gateway { return .gateway }
        if header.destination.isMulticast { return .flood(to: peers(of: sender), gateway: true) }
        guard let known = table.port(of: header.destination, now: now), let receiver = member(known) else {
            // Among the others there may be its destination, but an isolated guest has no others.
            return sender.isIsolated ? .drop(.isolated) : .flood(to: peers(of: sender), gateway: false)
        }
        if known == port { return .drop(.samePort) }
        return sender.isIsolated || receiver.isIsolated ? .drop(.isolated) : .port(known)
    }

    /// An isolated guest does not take over an address that is another's: it would cut off a guest that it is to have
    /// nothing to do with.
    private mutating func learn(_ address: MACAddress, on sender: Member, now: ContinuousClock.Instant) {
        if sender.isIsolated, let holder = table.port(of: address, now: now), holder != sender.id { return }
        table.learn(address, on: sender.id, now: now)
    }

    /// The ports that may hear from `sender`, never itself.
    private func peers(of sender: Member) -> [PortID] {
        if sender.isIsolated { return [] }
        return members.compactMap { $0.id == sender.id || $0.isIsolated ? nil : $0.id }
    }

    private func member(_ port: PortID) -> Member? {
        let place = place(of: port)
        return place < members.count && members[place].id == port ? members[place] : nil
    }

    /// Where `port` stands, or would stand, among the members: a binary search, for no frame may cost a hash more.
    private func place(of port: PortID) -> Int {
        var range = members.startIndex..<members.endIndex
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            if members[middle].id.rawValue < port.rawValue {
                range = (middle + 1)..<range.upperBound
            } else {
                range = range.lowerBound..<middle
            }
        }
        return range.lowerBound
    }
}
