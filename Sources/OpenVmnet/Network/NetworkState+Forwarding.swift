import VmnetDHCP
import VmnetNAT
import VmnetSwitch
import VmnetWire

/// The way of one frame.
extension NetworkState {
    /// Sends a frame that a guest wrote to where the switch says.
    mutating func forward(_ frame: Span<UInt8>, offload: OffloadDescriptor, from source: Attachment) {
        guard let header = try? EthernetHeader(parsing: frame) else { return source.port.countDrop(.malformed) }
        if let reason = check(frame, offload) { return source.port.countDrop(reason) }
        switch `switch`.forward(header, from: source.id, now: uptime) {
        case .gateway:
            if let reason = receiveAtGateway(frame, header, offload, from: source) { source.port.countDrop(reason) }
        case .port(let id):
            attachments[id]?.port.deliver(frame, offload: offload, urgency: .ordinary)
        case .flood(let gateway):
            `switch`.forEachPeer(of: source.id) { [attachments] id in
                attachments[id]?.port.deliver(frame, offload: offload, urgency: .ordinary)
            }
            // What the gateway does not understand of a frame to everybody is no loss.
            if gateway { _ = receiveAtGateway(frame, header, offload, from: source) }
        case .drop(let reason):
            source.port.countDrop(reason)
        }
    }

    /// Why a frame may not cross the network: neither it nor a segment of it is longer than the MTU allows, and it is
    /// what its descriptor says. Nobody behind looks again.
    private func check(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> DropReason? {
        if offload.segmentation == .none { return frame.count <= maximumFrameByteCount ? nil : .oversize }
        guard let headers = try? SuperFrameHeaders(parsing: frame, offload) else { return .malformed }
        return headers.segmentByteCount <= maximumFrameByteCount ? nil : .oversize
    }

    /// Services first, then the guest's own NAT.
    private mutating func receiveAtGateway(
        _ frame: Span<UInt8>, _ header: EthernetHeader, _ offload: OffloadDescriptor, from source: Attachment
    ) -> DropReason? {
        if header.type == .ipv4, DHCPDatagram.isForServer(frame) {
            forwards.noteNews()
            return dhcp.receive(frame, offload, from: source.id) { [neighbours, now] in
                neighbours.station(at: $0, now: now)
            }
        }
        if header.type == .arp {
            if neighbours.learn(from: frame, now: now) { forwards.noteNews() }
            dhcp.attach(header.source, to: source.id)
        }
        beginBatch(of: source)
        return source.nat.input(frame, offload: offload, now: now)
    }
}
