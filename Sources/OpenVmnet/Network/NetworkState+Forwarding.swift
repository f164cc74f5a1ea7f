import VmnetDHCP
import VmnetNAT
import VmnetSwitch
import VmnetWire

/// The way of one frame.
extension NetworkState {
    /// Sends a frame that a guest wrote to where the switch says.
    mutating func forward(_ frame: Span<UInt8>, offload: OffloadDescriptor, from source: Attachment) {
        guard let header = try? EthernetHeader(parsing: frame) else { return source.port.countDrop(.malformed) }
        if let reason = check(frame, header, offload) ?? checkSource(frame, header, of: source) {
            if reason == .oversize { answerOversize(frame, from: source) }
            return source.port.countDrop(reason)
        }
        switch `switch`.forward(header, from: source.id, now: uptime) {
        case .gateway:
            if let reason = receiveAtGateway(frame, header, offload, from: source) { source.port.countDrop(reason) }
        case .port(let id):
            deliver(frame, offload, to: id)
        case .flood(let gateway):
            let copies = Self.frameCount(frame, offload) * (1 + `switch`.peerCount(of: source.id))
            guard source.floodLimit.admits(copies: copies, now: now) else {
                return source.port.countDrop(.floodRate)
            }
            `switch`.forEachPeer(of: source.id) { deliver(frame, offload, to: $0) }
            // What the gateway does not understand of a frame to everybody is no loss.
            if gateway { _ = receiveAtGateway(frame, header, offload, from: source) }
        case .drop(let reason):
            source.port.countDrop(reason)
        }
    }

    /// Queues a frame at a guest's port, or sends it to the physical network.
    @inline(__always)
    func deliver(_ frame: Span<UInt8>, _ offload: OffloadDescriptor, to id: PortID) {
        if let attachment = attachments[id] {
            attachment.port.deliver(frame, offload: offload, urgency: .ordinary)
        } else if id == .uplink {
            deliverToUplink(frame, offload)
        }
    }

    /// How many frames it is for a guest without offloads.
    private static func frameCount(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> Int {
        guard offload.segmentation != .none else { return 1 }
        return (try? SuperFrameHeaders(parsing: frame, offload))?.segmentCount ?? 1
    }

    /// Why a frame may not cross the network: neither it nor a segment of it is longer than the MTU allows, and it is
    /// what its descriptor says. Nobody behind looks again.
    private func check(
        _ frame: Span<UInt8>, _ header: EthernetHeader, _ offload: OffloadDescriptor
    ) -> DropReason? {
        // A tag does not count: IEEE 802.3, 3.2.7.
        let limit = maximumFrameByteCount + (header.type == .vlan ? 4 : 0)
        if offload.segmentation == .none { return frame.count <= limit ? nil : .oversize }
        guard let headers = try? SuperFrameHeaders(parsing: frame, offload) else { return .malformed }
        return headers.segmentByteCount <= limit ? nil : .oversize
    }

    /// Why a frame may not come from the guest: it carries an address that is not the guest's own.
    @inline(__always)
    private mutating func checkSource(
        _ frame: Span<UInt8>, _ header: EthernetHeader, of source: Attachment
    ) -> DropReason? {
        switch sourceGuard?.judge(frame, header, from: source.id) {
        case nil, .pass: nil
        case .passIfLeased(let address, let station): hasLeased(address, station, on: source.id) ? nil : .spoofed
        case .drop(let reason): reason
        }
    }

    private mutating func hasLeased(_ address: IPv4Address, _ station: MACAddress, on port: PortID) -> Bool {
        if dhcp?.isLeased(address, to: station) == true { return true }
        // It may have had its lease before this network was restarted.
        dhcp?.attach(station, to: port)
        return dhcp?.isLeased(address, to: station) == true
    }

    /// Services first, then the guest's own NAT.
    private mutating func receiveAtGateway(
        _ frame: Span<UInt8>, _ header: EthernetHeader, _ offload: OffloadDescriptor, from source: Attachment
    ) -> DropReason? {
        if header.type == .ipv4, dhcp != nil, DHCPDatagram.isForServer(frame) {
            forwards.noteNews()
            return dhcp?.receive(frame, offload, from: source.id) { [neighbours, now] in
                neighbours.station(at: $0, now: now)
            }
        }
        if header.type == .arp {
            if neighbours.learn(from: frame, now: now) { forwards.noteNews() }
            dhcp?.attach(header.source, to: source.id)
        }
        guard let nat = source.nat else { return .unsupported }
        beginBatch(of: source)
        return nat.input(frame, offload: offload, now: now)
    }
}
