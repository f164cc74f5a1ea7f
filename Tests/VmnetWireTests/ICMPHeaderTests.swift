import Testing
import VmnetTesting
import VmnetWire

@Suite struct ICMPHeaderTests {
    @Test func `the fields of captured messages are read`() throws {
        #expect(
            try ICMPHeader(parsing: Captured.echoRequest.ipv4Payload.span)
                == ICMPHeader(type: ICMPHeader.V4.echoRequest, code: 0, checksum: 0x1f58, rest: 0x4711_0001))
        #expect(
            try ICMPHeader(parsing: Captured.portUnreachable.ipv4Payload.span)
                == ICMPHeader(
                    type: ICMPHeader.V4.destinationUnreachable, code: ICMPHeader.V4.portUnreachable, checksum: 0xfe6d))
        #expect(
            try ICMPHeader(parsing: Captured.neighborSolicitation.ipv6Payload.span)
                == ICMPHeader(type: ICMPHeader.V6.neighborSolicitation, code: 0, checksum: 0xf814))
    }

    @Test(arguments: [
        Captured.echoRequest.ipv4Payload, Captured.portUnreachable.ipv4Payload,
        Captured.neighborSolicitation.ipv6Payload,
    ])
    func `a captured header is written as it was`(message: [UInt8]) throws {
        let header = try ICMPHeader(parsing: message.span)
        #expect([UInt8](capacity: ICMPHeader.byteCount) { header.write(to: &$0) } == [UInt8](message[..<8]))
    }

    @Test func `every shorter message is truncated`() {
        for count in 0..<ICMPHeader.byteCount {
            #expect(throws: WireError.truncated) {
                try ICMPHeader(parsing: Captured.echoRequest.ipv4Payload.span.extracting(first: count))
            }
        }
    }

    @Test func `unknown types and codes survive`() throws {
        for number in UInt8.min ... .max {
            let header = ICMPHeader(type: number, code: ~number, checksum: 0xabcd, rest: .max)
            let bytes = [UInt8](capacity: ICMPHeader.byteCount) { header.write(to: &$0) }
            #expect(try ICMPHeader(parsing: bytes.span) == header)
        }
    }
}
