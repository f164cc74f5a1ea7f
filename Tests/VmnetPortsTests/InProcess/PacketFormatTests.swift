import Testing
import VmnetPorts
import VmnetTesting
import VmnetWire

@Suite struct PacketFormatTests {
    private static let builder = FrameBuilder(from: "02:00:00:00:00:01", to: "02:00:00:00:00:02")
    private static let plain = format()
    private static let tso = format(joinsSegments: true)
    private static let virtio = format(joinsSegments: true, hasVirtioHeader: true)

    private static func format(
        joinsSegments: Bool = false, leavesChecksums: Bool = false, hasVirtioHeader: Bool = false
    ) -> PacketFormat {
        PacketFormat(
            mtu: 1500, joinsSegments: joinsSegments, leavesChecksums: leavesChecksums,
            hasVirtioHeader: hasVirtioHeader)
    }

    @Test func `packets are as long as vmnet says`() {
        #expect(Self.plain.maximumPacketByteCount == 1514)
        #expect(Self.tso.maximumPacketByteCount == 65549)
        #expect(Self.virtio.maximumPacketByteCount == 65561)
    }

    @Test func `a packet without a whole Ethernet header is too short, and one above the MTU too long`() {
        #expect(throws: PacketError.tooShort) { try read([UInt8](repeating: 1, count: 13), as: Self.plain) }
        #expect(throws: PacketError.tooLong) { try read([UInt8](repeating: 1, count: 1515), as: Self.plain) }
        #expect(throws: PacketError.tooShort) { try read([UInt8](repeating: 0, count: 25), as: Self.virtio) }
        #expect(throws: PacketError.tooLong) { try read([UInt8](repeating: 1, count: 65550), as: Self.tso) }
    }

    @Test func `with TSO a TCP packet above the MTU is segments of the MTU's size`() throws {
        let packet = Self.builder.tcp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, payload: [UInt8](repeating: 1, count: 5000))
        let (frame, offload) = try read(packet, as: Self.tso)
        #expect(frame == packet)
        #expect(offload == OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1460, headerLength: 54))
        let over6 = Self.builder.tcp(
            from: "[fd00::1]:1", to: "[fd00::2]:2", flags: .ack, payload: [UInt8](repeating: 1, count: 5000))
        #expect(try read(over6, as: Self.tso).offload.segmentSize == 1440)
        let datagram = Self.builder.udp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [UInt8](repeating: 1, count: 5000))
        #expect(throws: PacketError.tooLong) { try read(datagram, as: Self.tso) }
    }

    @Test func `a virtio-net header that contradicts its packet is refused`() throws {
        let packet = Self.builder.tcp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, payload: [UInt8](repeating: 1, count: 5000))
        let segments = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1000, headerLength: 54)
        #expect(try read(header(segments) + packet, as: Self.virtio).offload == segments)
        let wrong = [
            OffloadDescriptor(segmentation: .tcpv6, segmentSize: 1000),
            OffloadDescriptor(segmentation: .udp, segmentSize: 9),
            OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1),
        ]
        for offload in wrong {
            #expect(throws: PacketError.contradictory) { try read(header(offload) + packet, as: Self.virtio) }
        }
        #expect(throws: PacketError.tooLong) { try read(header(.none) + packet, as: Self.virtio) }
        let beyond = OffloadDescriptor(needsChecksum: true, checksumStart: 60, checksumOffset: 0xffff)
        #expect(throws: PacketError.contradictory) {
            try read(header(beyond) + packet.prefix(100), as: Self.virtio)
        }
    }

    @Test(arguments: [0, 0xffff, 0x1234] as [UInt16])
    func `with checksum offload no checksum is believed`(_ field: UInt16) throws {
        var packet = Self.builder.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3])
        let complete = packet
        packet.store(be16: field, at: 40)
        // Padding is no part of the datagram.
        let (frame, offload) = try read(packet + [9, 9, 9], as: Self.format(leavesChecksums: true))
        var copy = frame
        var span = copy.mutableSpan
        try PartialChecksum.complete(in: &span, start: Int(offload.checksumStart), offset: Int(offload.checksumOffset))
        #expect(copy == complete && offload.needsChecksum)
    }

    @Test func `with checksum offload other packets stay as they are`() throws {
        let request = Self.builder.arpRequest(from: "10.0.0.1", for: "10.0.0.2")
        let (frame, offload) = try read(request, as: Self.format(leavesChecksums: true))
        #expect(frame == request && offload.isNone)
    }

    private func header(_ offload: OffloadDescriptor) -> [UInt8] {
        [UInt8](capacity: VirtioNetHeader.byteCount) { VirtioNetHeader(offload: offload).write(to: &$0) }
    }

    @discardableResult
    private func read(_ packet: [UInt8], as format: PacketFormat) throws -> (frame: [UInt8], offload: OffloadDescriptor)
    {
        var editor = PacketEditor()
        var result: (frame: [UInt8], offload: OffloadDescriptor)?
        try format.read(packet.span, editor: &editor) { result = ([UInt8](copying: $0), $1) }
        return try #require(result)
    }
}
