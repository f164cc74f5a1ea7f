import VmnetPorts
import VmnetSwitch
import VmnetWire

/// The packets of one write, while it runs.
public struct PacketBatch: ~Copyable {
    private let format: PacketFormat
    private let send: (Span<UInt8>, OffloadDescriptor) -> Void
    private var editor = PacketEditor()
    private var count = 0

    init(_ format: PacketFormat, _ send: @escaping (Span<UInt8>, OffloadDescriptor) -> Void) {
        self.format = format
        self.send = send
    }

    /// Sends one packet: an Ethernet frame without its check sequence, behind a virtio-net header if the interface has one.
    ///
    /// - Parameter packet: lent for the call. It must not change meanwhile.
    /// - Throws: `.packetTooBig` when it is longer than the interface takes; `.invalidArgument` when it has no whole Ethernet
    ///   header, or a virtio-net header that contradicts it; `.tooManyPackets` when the batch is full. The packet then
    ///   counts nowhere, and the batch can go on.
    public mutating func add(_ packet: Span<UInt8>) throws(VmnetError) {
        guard count < InterfaceParameters.packetLimit else {
            throw VmnetError(
                .tooManyPackets, "a write takes \(InterfaceParameters.packetLimit) packets at most",
                hint: "write the others in a second call")
        }
        do throws(PacketError) {
            try format.read(packet, editor: &editor, send)
        } catch {
            throw VmnetError(error, packet.count, format)
        }
        count += 1
    }
}

extension VmnetError {
    fileprivate init(_ error: PacketError, _ byteCount: Int, _ format: PacketFormat) {
        switch error {
        case .tooShort:
            self.init(
                .invalidArgument,
                "a packet of \(byteCount) bytes is shorter than its headers, \(format.headerByteCount + 14) bytes")
        case .tooLong:
            self.init(
                .packetTooBig,
                "a packet of \(byteCount) bytes is too long for an MTU of \(format.mtu): "
                    + "the interface takes up to \(format.maximumPacketByteCount) bytes"
                    + (format.joinsSegments ? ", above the MTU only TCP" : ""))
        case .contradictory:
            self.init(
                .invalidArgument, "the virtio-net header of a packet of \(byteCount) bytes contradicts the packet")
        }
    }
}
