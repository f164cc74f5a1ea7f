import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let guest = Guest("52:54:00:12:34:56")

@Suite struct DHCPReplyTests {
    private func offer() throws -> DHCPReply {
        let network = try TestNetwork()
        guard case .reply(let reply) = network.answer(to: guest.discover()) else { throw WireError.malformed }
        return reply
    }

    @Test func `an OFFER is this frame, to the byte`() throws {
        let frame = try offer().frame(from: TestNetwork.gatewayMAC, TestNetwork.gateway)
        let head = [UInt8](
            hex: """
                52 54 00 12 34 56  52 54 00 00 00 01  08 00         // Ethernet: to the client, IPv4
                45 00 01 48  00 00 40 00  40 11 38 51               // IPv4: 328 bytes, DF, TTL 64, UDP
                c0 a8 40 01  c0 a8 40 02                            // from 192.168.64.1 to 192.168.64.2
                00 43 00 44  01 34  f1 07                           // UDP: 67 to 68, 308 bytes
                02 01 06 00  39 03 f3 26  00 00  00 00              // BOOTREPLY, Ethernet, xid, secs, flags
                00 00 00 00  c0 a8 40 02  00 00 00 00  00 00 00 00  // ciaddr, yiaddr, siaddr, giaddr
                52 54 00 12 34 56  00 00 00 00 00 00 00 00 00 00    // chaddr
                """)
        let options = [UInt8](
            hex: """
                63 82 53 63  35 01 02  36 04 c0 a8 40 01                 // cookie, OFFER, server
                33 04 00 00 0e 10  3a 04 00 00 07 08  3b 04 00 00 0c 4e  // lease time, T1, T2
                01 04 ff ff ff 00  03 04 c0 a8 40 01  06 04 c0 a8 40 01  // mask, router, name server
                1a 02 05 dc  ff  00 00 00 00 00 00 00 00 00 00           // MTU, end, padding
                """)
        let expected = head + [UInt8](repeating: 0, count: 192) + options
        #expect(frame.hex == expected.hex)
    }

    @Test func `a frame has a right header checksum and a right UDP checksum`() throws {
        let frame = try offer().frame(from: TestNetwork.gatewayMAC, TestNetwork.gateway)
        let datagram = try DHCPDatagram(parsing: frame.span)
        #expect(datagram.source == TestNetwork.gatewayMAC)
        #expect(datagram.message == (try offer().message))
        #expect(frame[40...41] != [0, 0])
    }

    @Test func `a reply is padded to 300 bytes`() throws {
        #expect(try offer().payload.count == 300)
    }
}
