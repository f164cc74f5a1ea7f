import VmnetPorts
import VmnetSwitch
import VmnetWire

extension FuzzTarget {
    /// What is taken from an interface of this process is a frame, and what comes of it at another one is no longer than that
    /// one takes.
    ///
    /// The first byte says what both interfaces have agreed on.
    static let packets = FuzzTarget(name: "packets") { bytes in
        guard let choice = bytes.isEmpty ? nil : bytes[0] else { return }
        let sender = format(choice & 7)
        let receiver = InProcessPort(format(choice >> 3 & 7))
        var editor = PacketEditor()
        do throws(PacketError) {
            try sender.read(bytes.extracting(droppingFirst: 1), editor: &editor) { frame, offload in
                require((Frame.minimumByteCount...sender.maximumFrameByteCount).contains(frame.count), "\(frame.count)")
                require(offload.segmentation == .none || sender.joinsSegments || sender.hasVirtioHeader, "\(offload)")
                _ = receiver.enqueue(frame, offload: offload, urgency: .ordinary)
            }
        } catch {
            require(error != .tooLong || bytes.count > sender.maximumPacketByteCount || bytes.count > 94, "\(error)")
        }
        receiver.flush()
        _ = receiver.ring.read(upTo: 2048) { _, packet in
            require(packet.count >= receiver.format.headerByteCount + Frame.minimumByteCount, "\(packet.count)")
            require(packet.count <= receiver.format.maximumPacketByteCount, "\(packet.count)")
            return true
        }
        require(receiver.ring.waitingCount == 0, "it has stalled")
    }
}

/// An MTU so small that inputs of the fuzzer's length are beyond it.
private func format(_ choice: UInt8) -> PacketFormat {
    PacketFormat(
        mtu: 80, joinsSegments: choice & 1 != 0, leavesChecksums: choice & 6 == 2, hasVirtioHeader: choice & 6 == 4)
}
