import VmnetDHCP
import VmnetSlirp
import VmnetSwitch
import VmnetWire

/// The way of one frame.
extension NetworkState {
    /// Sends a frame that a guest wrote to where the switch says.
    mutating func forward(_ frame: Span<UInt8>, offload: OffloadDescriptor, from source: Attachment) {
        source.port.countReceived(byteCount: frame.count)
        guard let header = try? EthernetHeader(parsing: frame) else { return source.port.countDrop(.malformed) }
        guard frame.count <= configuration.maximumFrameByteCount || offload.segmentation != .none else {
            return source.port.countDrop(.oversize)
        }
        switch `switch`.forward(header, from: source.id, now: now) {
        case .gateway:
            if let reason = receiveAtGateway(frame, header, offload, from: source) { source.port.countDrop(reason) }
        case .port(let id):
            attachments[id]?.port.deliver(frame, offload: offload, urgency: .ordinary)
        case .flood(let ids, let gateway):
            for id in ids { attachments[id]?.port.deliver(frame, offload: offload, urgency: .ordinary) }
            // What the gateway does not understand of a frame to everybody is no loss.
            if gateway { _ = receiveAtGateway(frame, header, offload, from: source) }
        case .drop(let reason):
            source.port.countDrop(reason)
        }
    }

    /// Services first, then the guest's own NAT.
    private mutating func receiveAtGateway(
        _ frame: Span<UInt8>, _ header: EthernetHeader, _ offload: OffloadDescriptor, from source: Attachment
    ) -> DropReason? {
        if header.type == .ipv4, DHCPDatagram.isForServer(frame) {
            return dhcp.receive(frame, offload, from: source.id) { [neighbours, now] in
                neighbours.station(at: $0, now: now)
            }
        }
        if header.type == .arp {
            neighbours.learn(from: frame, now: now)
            dhcp.attach(header.source, to: source.id)
        }
        return source.nat.input(frame, offload: offload, now: now)
    }
}
