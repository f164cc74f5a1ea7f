package import VmnetWire

/// What packets look like at an interface of this process, both ways.
package struct PacketFormat: Equatable, Sendable {
    /// Of the network, in bytes.
    package let mtu: Int
    /// Whether TCP segments may be joined in one packet of up to 64 KiB.
    package let joinsSegments: Bool
    /// Whether the checksums of TCP and UDP in what the interface sends mean nothing.
    package let leavesChecksums: Bool
    /// Whether a virtio-net header stands before each packet, which says what is left to do to it.
    package let hasVirtioHeader: Bool

    package init(mtu: Int, joinsSegments: Bool, leavesChecksums: Bool, hasVirtioHeader: Bool) {
        self.mtu = mtu
        self.joinsSegments = joinsSegments
        self.leavesChecksums = leavesChecksums
        self.hasVirtioHeader = hasVirtioHeader
    }

    /// Of the virtio-net header, or 0.
    package var headerByteCount: Int { hasVirtioHeader ? VirtioNetHeader.byteCount : 0 }

    /// Bytes of the longest frame, from the destination address on.
    package var maximumFrameByteCount: Int {
        EthernetHeader.byteCount + (joinsSegments ? Int(UInt16.max) : mtu)
    }

    /// The same with the virtio-net header.
    package var maximumPacketByteCount: Int { headerByteCount + maximumFrameByteCount }

    /// Whether a frame with this descriptor goes to the interface as it is. The kernel of a guest with TSO takes joined
    /// segments; joined datagrams nobody has agreed on.
    func passesOn(_ offload: OffloadDescriptor) -> Bool {
        switch offload.segmentation {
        case .none: true
        case .tcpv4, .tcpv6: joinsSegments
        case .udp: false
        }
    }

    /// Reads one packet of the interface's, and calls `body` with the frame and what is left to do to it.
    ///
    /// - Parameter editor: where a frame is changed that cannot go as it is.
    @inline(__always)
    package func read(
        _ packet: Span<UInt8>, editor: inout PacketEditor, _ body: (Span<UInt8>, OffloadDescriptor) -> Void
    ) throws(PacketError) {
        guard packet.count >= headerByteCount + Frame.minimumByteCount else { throw .tooShort }
        guard packet.count <= maximumPacketByteCount else { throw .tooLong }
        if hasVirtioHeader {
            let frame = packet.extracting(droppingFirst: VirtioNetHeader.byteCount)
            return body(frame, try announced(packet, frame))
        }
        if packet.count > EthernetHeader.byteCount + mtu || leavesChecksums {
            return try readOffloaded(packet, editor: &editor, body)
        }
        body(packet, .none)
    }

    /// What the virtio-net header says, if it is so.
    private func announced(
        _ packet: Span<UInt8>, _ frame: Span<UInt8>
    ) throws(PacketError) -> OffloadDescriptor {
        guard let offload = try? VirtioNetHeader(parsing: packet).offload else { throw .contradictory }
        guard offload.segmentation == .none else {
            guard (try? SuperFrameHeaders(parsing: frame, offload)) != nil else { throw .contradictory }
            return offload
        }
        guard frame.count <= EthernetHeader.byteCount + mtu else { throw .tooLong }
        let checksumEnd = Int(offload.checksumStart) + Int(offload.checksumOffset) + 2
        guard !offload.needsChecksum || checksumEnd <= frame.count else { throw .contradictory }
        return offload
    }

    /// A frame without a header that says so is of joined segments when it is longer than the MTU allows; and its checksum is
    /// left to the network when that was agreed on.
    @inline(never)
    private func readOffloaded(
        _ packet: Span<UInt8>, editor: inout PacketEditor, _ body: (Span<UInt8>, OffloadDescriptor) -> Void
    ) throws(PacketError) {
        var offload = OffloadDescriptor.none
        if packet.count > EthernetHeader.byteCount + mtu {
            guard let joined = joinedSegments(packet) else { throw .tooLong }
            offload = joined
        }
        guard leavesChecksums, let checksum = TransportChecksum(of: packet) else { return body(packet, offload) }
        offload.needsChecksum = true
        offload.checksumStart = UInt16(truncatingIfNeeded: checksum.start)
        offload.checksumOffset = UInt16(truncatingIfNeeded: checksum.offset)
        let frame = packet.extracting(first: checksum.end)
        guard packet.be16(at: checksum.start + checksum.offset) != checksum.pseudoHeaderSum else {
            return body(frame, offload)
        }
        editor.edit(frame, storing: checksum.pseudoHeaderSum, at: checksum.start + checksum.offset) {
            body($0, offload)
        }
    }

    /// Segments as long as the MTU allows; nil for what is no TCP.
    private func joinedSegments(_ frame: Span<UInt8>) -> OffloadDescriptor? {
        for segmentation in [OffloadDescriptor.Segmentation.tcpv4, .tcpv6] {
            var offload = OffloadDescriptor(segmentation: segmentation, segmentSize: .max)
            guard let headers = try? SuperFrameHeaders(parsing: frame, offload) else { continue }
            let room = EthernetHeader.byteCount + mtu - headers.headerByteCount
            guard room > 0 else { return nil }
            offload.segmentSize = UInt16(clamping: room)
            offload.headerLength = UInt16(truncatingIfNeeded: headers.headerByteCount)
            return offload
        }
        return nil
    }
}
