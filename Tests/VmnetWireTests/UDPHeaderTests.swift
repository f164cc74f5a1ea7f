import Testing
import VmnetTesting
import VmnetWire

@Suite struct UDPHeaderTests {
    private let guest: IPv4Address = "192.168.64.2"
    private let gateway: IPv4Address = "192.168.64.1"
    private let datagram = Captured.udp.ipv4Payload

    @Test func `the fields of a captured header are read`() throws {
        let header = try UDPHeader(parsing: datagram.span)
        #expect(header == UDPHeader(sourcePort: 42471, destinationPort: 53, payloadLength: 5, checksum: 0x1491))
        #expect(header.length == 13)
    }

    @Test(arguments: [Captured.udp.ipv4Payload, Captured.udpWithoutChecksum.ipv4Payload, Captured.udpv6.ipv6Payload])
    func `a captured header is written as it was`(datagram: [UInt8]) throws {
        let header = try UDPHeader(parsing: datagram.span)
        #expect([UInt8](capacity: UDPHeader.byteCount) { header.write(to: &$0) } == [UInt8](datagram[..<8]))
    }

    @Test func `every shorter datagram is truncated`() {
        for count in datagram.indices {
            #expect(throws: WireError.truncated) { try UDPHeader(parsing: datagram.span.extracting(first: count)) }
        }
    }

    @Test(arguments: 0..<8)
    func `a length below the header's is malformed`(length: UInt8) {
        #expect(throws: WireError.malformed) { try UDPHeader(parsing: datagram.with(length, at: 5).span) }
    }

    @Test func `a datagram may be empty, and shorter than its packet`() throws {
        let header = try UDPHeader(parsing: datagram.with(8, at: 5).span)
        #expect(header.length == 8)
    }

    @Test func `the longest datagram has 65535 bytes`() throws {
        let header = UDPHeader(sourcePort: 1, destinationPort: 2, payloadLength: 1 << 20)
        #expect(header.length == 65535)
        #expect(UDPHeader(sourcePort: 1, destinationPort: 2, payloadLength: -1).length == 8)
        let bytes = [UInt8](capacity: 8) { header.write(to: &$0) } + [UInt8](repeating: 0, count: 65527)
        #expect(try UDPHeader(parsing: bytes.span) == header)
    }

    @Test func `a captured datagram verifies, and no longer with a byte changed`() throws {
        #expect(try isIntact(datagram))
        #expect(try !isIntact(datagram, from: gateway))
        for offset in datagram.indices where offset != 4 && offset != 5 {
            #expect(try !isIntact(datagram.with(datagram[offset] ^ 0x20, at: offset)), "byte \(offset)")
        }
    }

    @Test func `bytes after the datagram are not verified`() throws {
        #expect(try isIntact(datagram + [1, 2, 3]))
    }

    @Test func `a datagram without checksum counts as intact`() throws {
        #expect(try isIntact(Captured.udpWithoutChecksum.ipv4Payload))
    }

    @Test func `a datagram cut off since it was parsed is not intact`() throws {
        let header = try UDPHeader(parsing: datagram.span)
        let isIntact = header.verify(datagram.span.extracting(droppingLast: 1), source: guest, destination: gateway)
        #expect(!isIntact)
    }

    @Test func `the checksum over a payload is the captured one`() throws {
        let header = UDPHeader(sourcePort: 42471, destinationPort: 53, payloadLength: 5)
        let payload = [UInt8]("hello".utf8)
        #expect(header.withChecksum(over: payload.span, source: guest, destination: gateway).checksum == 0x1491)
    }

    @Test func `a checksum of zero is sent as all ones`() throws {
        // The word that brings the sum to ffff, so that its complement is zero.
        let header = UDPHeader(sourcePort: 1, destinationPort: 2, payloadLength: 2)
        let without = header.withChecksum(over: [0, 0].span, source: guest, destination: gateway).checksum
        let payload = [UInt8(without >> 8), UInt8(without & 255)]
        let sent = header.withChecksum(over: payload.span, source: guest, destination: gateway)
        #expect(sent.checksum == 0xffff)
        #expect(try isIntact([UInt8](capacity: 8) { sent.write(to: &$0) } + payload))
    }

    private func isIntact(_ datagram: [UInt8], from source: IPv4Address? = nil) throws -> Bool {
        try UDPHeader(parsing: datagram.span).verify(datagram.span, source: source ?? guest, destination: gateway)
    }
}
