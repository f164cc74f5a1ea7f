import Logging
import VmnetNAT
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// Frames to and from the physical network.
extension NetworkState {
    /// Sends a guest's frame to the physical network.
    func deliverToUplink(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) {
        guard let uplink else { return }
        guard let link = uplink.link else { return uplink.countDrop(.linkDown) }
        // What comes in answer is to be admitted, and it may come before this call returns.
        admitGuests()
        link.port.deliver(frame, offload: offload, urgency: .ordinary)
    }

    /// Has the socket admit what is addressed to guests, if guests have other addresses than it was told last.
    func admitGuests() {
        guard let uplink, let link = uplink.link, uplink.filteredRevision != `switch`.table.guestRevision else {
            return
        }
        do {
            try link.transport.setFilter(PacketFilter(addresses: `switch`.table.guestAddresses.map(\.bits)))
            uplink.filteredRevision = `switch`.table.guestRevision
        } catch {
            logger.error("frames from the physical network do not reach all guests: \(error)")
        }
    }

    /// The loop was woken for the uplink's socket.
    mutating func handleUplink(_ events: Epoll.EventMask) {
        guard let link = uplink?.link else { return }
        if events.intersects(.writable) { link.port.flush(self.events) }
        if events.intersects(.incoming) { receive(from: link) }
        if link.transport.takeNews() { lookAtUplink() }
    }

    private mutating func receive(from link: Uplink.Link) {
        var (frames, byteCount) = (0, 0)
        _ = link.transport.receive { frame, offload in
            frames &+= 1
            byteCount &+= frame.count
            forwardFromUplink(frame, offload, link.port)
        }
        link.port.countReceived(frames: frames, byteCount: byteCount)
        link.port.countDropsOfTransport()
    }

    private mutating func forwardFromUplink(_ frame: Span<UInt8>, _ offload: OffloadDescriptor, _ port: GuestPort) {
        guard let header = try? EthernetHeader(parsing: frame) else { return port.countDrop(.malformed) }
        if let reason = checkIncoming(frame, offload) { return port.countDrop(reason) }
        switch `switch`.forwardFromUplink(header, now: uptime) {
        case .port(let id):
            deliver(frame, offload, to: id)
        case .flood:
            guard uplink?.floodLimit.admits(copies: 1 + `switch`.peerCount(of: .uplink), now: now) == true else {
                return port.countDrop(.floodRate)
            }
            `switch`.forEachPeer(of: .uplink) { deliver(frame, offload, to: $0) }
        case .drop(let reason):
            port.countDrop(reason)
        case .gateway:
            port.countDrop(.noReceiver)
        }
    }

    /// Why a frame of the physical network may not go to guests: it is longer than theirs may be, two VLAN tags not
    /// counted, or not what its descriptor says.
    private func checkIncoming(_ frame: Span<UInt8>, _ offload: OffloadDescriptor) -> DropReason? {
        let limit = maximumFrameByteCount + 8
        if offload.segmentation == .none { return frame.count <= limit ? nil : .oversize }
        guard let headers = try? SuperFrameHeaders(parsing: frame, offload) else { return .malformed }
        return headers.segmentByteCount <= limit ? nil : .oversize
    }

    /// Tells a guest that its packet is longer than the physical network takes, which nobody beyond can do.
    func answerOversize(_ frame: Span<UInt8>, from source: Attachment) {
        guard let uplink,
            let answer = Refusal.packetTooBig(mtu: UInt16(clamping: mtu)).answer(inNameOfDestinationTo: frame),
            uplink.reportLimit.take(at: now)
        else { return }
        source.port.deliver(answer.span, offload: .none, urgency: .ordinary)
    }
}
