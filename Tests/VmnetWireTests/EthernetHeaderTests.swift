import Testing
import VmnetTesting
import VmnetWire

@Suite struct EthernetHeaderTests {
    @Test func `the fields of a captured frame are read`() throws {
        let frame = Captured.arpRequest
        let header = try EthernetHeader(parsing: frame.span)
        #expect(
            header == EthernetHeader(destination: .broadcast, source: "52:54:00:12:34:56", type: .arp))
    }

    @Test(arguments: Captured.ipv4 + Captured.ipv6 + [Captured.arpRequest, Captured.arpReply])
    func `a captured header is written as it was`(frame: [UInt8]) throws {
        let header = try EthernetHeader(parsing: frame.span)
        #expect([UInt8](capacity: EthernetHeader.byteCount) { header.write(to: &$0) } == [UInt8](frame[..<14]))
    }

    @Test func `every shorter frame is truncated`() {
        let frame = Captured.udp
        for count in 0..<EthernetHeader.byteCount {
            #expect(throws: WireError.truncated) { try EthernetHeader(parsing: frame.span.extracting(first: count)) }
        }
    }

    @Test func `fourteen bytes are a frame`() throws {
        let bytes = [UInt8](repeating: 0xff, count: 14)
        let header = try EthernetHeader(parsing: bytes.span)
        #expect(
            header == EthernetHeader(destination: .broadcast, source: .broadcast, type: EtherType(rawValue: 0xffff)))
    }

    @Test(arguments: [0, 46, 1500, 0x0801, 0x88cc, 0xffff] as [UInt16])
    func `an unknown ethertype survives`(type: UInt16) throws {
        let frame = [UInt8](capacity: 14) {
            EthernetHeader(destination: .zero, source: .zero, type: EtherType(rawValue: type)).write(to: &$0)
        }
        #expect(try EthernetHeader(parsing: frame.span).type.rawValue == type)
    }

    @Test func `the longest frame has a VLAN tag and a full IP packet`() {
        #expect(Frame.minimumByteCount == 14)
        #expect(Frame.maximumByteCount == 14 + 4 + 65535)
    }
}
