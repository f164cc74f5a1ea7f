import Testing
import VmnetTesting
import VmnetWire

@Suite struct FrameBuilderTests {
    private let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")

    @Test func `hexadecimal text may hold blanks, lines and comments`() {
        let bytes = [UInt8](
            hex: """
                00 ff  // two bytes
                Ab12   // without a blank
                """)
        #expect(bytes == [0, 255, 0xab, 0x12])
        #expect(bytes.hex == "00 ff ab 12")
    }

    /// The header is the one worked through in Wikipedia's article on the IPv4 header checksum.
    @Test func `an IPv4 header gets the checksum that others compute`() {
        let header = IPv4Header(
            proto: .udp, source: "192.168.0.1", destination: "192.168.0.199", payloadLength: 0x73 - 20)
        #expect(
            guest.ipv4(header, payload: []).hex
                == [UInt8](
                    hex: """
                        52 54 00 00 00 01  52 54 00 12 34 56  08 00
                        45 00 00 73  00 00 40 00  40 11 b8 61  c0 a8 00 01  c0 a8 00 c7
                        """
                ).hex)
    }

    @Test func `every packet it builds has a correct checksum`() throws {
        let sums = try [
            transportSum(guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3])),
            transportSum(guest.udp(from: "[fd00::1]:1", to: "[fd00::2]:2", payload: [1, 2, 3])),
            transportSum(guest.tcp(from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .syn, options: [2, 4, 5, 180])),
            transportSum(guest.tcp(from: "[fd00::1]:1", to: "[fd00::2]:2", flags: [.ack, .psh], payload: [9])),
            transportSum(guest.echoRequest(from: "fd00::1", to: "fd00::2", payload: [1])),
        ]
        #expect(sums == [0, 0, 0, 0, 0])
        let echo = guest.echoRequest(from: "10.0.0.1", to: "10.0.0.2", payload: [1])
        #expect(InternetChecksum.of(echo.span.extracting(droppingFirst: 34)) == 0)
    }

    @Test func `a checksum may be wrong, zero or partial on request`() throws {
        func frame(_ checksum: FrameBuilder.Checksum) -> [UInt8] {
            guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", checksum: checksum, payload: [1, 2, 3])
        }
        #expect(try transportSum(frame(.wrong)) != 0)
        #expect(frame(.zero)[40...41] == [0, 0])
        // 0a00 + 0001 + 0a00 + 0002 + 0011 + 000b
        #expect(frame(.partial)[40...41] == [0x14, 0x1f])
    }

    @Test func `IPv4 options count into the header's length and checksum`() throws {
        let header = IPv4Header(proto: .udp, source: "10.0.0.1", destination: "10.0.0.2", payloadLength: 2)
        let frame = guest.ipv4(header, options: [1, 1, 1, 0], payload: [7, 8])
        let parsed = try IPv4Header(parsing: frame.span.extracting(droppingFirst: 14))
        #expect(parsed.headerLength == 24)
        #expect(parsed.payloadLength == 2)
    }

    /// The checksum over a TCP, UDP or ICMPv6 packet with its own: zero when correct.
    private func transportSum(_ frame: [UInt8]) throws -> UInt16 {
        let packet = frame.span.extracting(droppingFirst: EthernetHeader.byteCount)
        var sum = InternetChecksum()
        if try EthernetHeader(parsing: frame.span).type == .ipv4 {
            let header = try IPv4Header(parsing: packet)
            sum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: header.proto,
                length: header.payloadLength)
            sum.add(packet.extracting(droppingFirst: header.headerLength))
        } else {
            let header = try IPv6Header(parsing: packet)
            sum.addPseudoHeader(
                source: header.source, destination: header.destination, proto: header.nextHeader,
                length: header.payloadLength)
            sum.add(packet.extracting(droppingFirst: IPv6Header.byteCount))
        }
        return sum.finished
    }
}
