import Testing
import VmnetTesting
import VmnetWire

@Suite struct ARPPacketTests {
    private let request = ARPPacket(
        operation: .request, senderMAC: "52:54:00:12:34:56", senderAddress: "192.168.64.2", targetMAC: .zero,
        targetAddress: "192.168.64.1")
    private let reply = ARPPacket(
        operation: .reply, senderMAC: "52:54:00:00:00:01", senderAddress: "192.168.64.1",
        targetMAC: "52:54:00:12:34:56", targetAddress: "192.168.64.2")

    @Test func `the fields of captured packets are read`() throws {
        #expect(try ARPPacket(parsing: Captured.arpRequest.packet.span) == request)
        #expect(try ARPPacket(parsing: Captured.arpReply.packet.span) == reply)
    }

    @Test func `captured packets are written as they were`() {
        let guest = FrameBuilder(from: "52:54:00:12:34:56", to: .broadcast)
        #expect(guest.arp(request) == Captured.arpRequest)
        #expect(guest.arpRequest(from: "192.168.64.2", for: "192.168.64.1") == Captured.arpRequest)
        #expect(FrameBuilder(from: "52:54:00:00:00:01", to: "52:54:00:12:34:56").arp(reply) == Captured.arpReply)
    }

    @Test func `padding to the minimum of a wire is ignored`() throws {
        let padded = Captured.arpRequest.packet + [UInt8](repeating: 0xee, count: 18)
        #expect(try ARPPacket(parsing: padded.span) == request)
    }

    @Test func `every shorter packet is truncated`() {
        for count in 0..<ARPPacket.byteCount {
            #expect(throws: WireError.truncated) {
                try ARPPacket(parsing: Captured.arpRequest.packet.span.extracting(first: count))
            }
        }
    }

    /// Hardware type, protocol type and the two address lengths.
    @Test(arguments: 0..<6)
    func `anything but IPv4 over Ethernet is malformed`(offset: Int) {
        let packet = Captured.arpRequest.packet
        #expect(throws: WireError.malformed) {
            try ARPPacket(parsing: packet.with(packet[offset] ^ 0x10, at: offset).span)
        }
    }

    @Test(arguments: [0, 3, 8, 0xffff] as [UInt16])
    func `an unknown operation survives`(operation: UInt16) throws {
        var packet = request
        packet.operation = ARPPacket.Operation(rawValue: operation)
        let bytes = [UInt8](capacity: ARPPacket.byteCount) { packet.write(to: &$0) }
        #expect(try ARPPacket(parsing: bytes.span) == packet)
    }
}
