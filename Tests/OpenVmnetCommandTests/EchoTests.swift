import Testing
import VmnetWire

@testable import openvmnet

@Suite struct EchoTests {
    @Test func `a request is an echo with 56 bytes and a right checksum`() {
        let request = Echo.request(identifier: 0x1234, sequence: 5)
        #expect(request.count == 64)
        // Type 8, code 0; identifier, sequence number.
        #expect(Array(request[0..<2]) == [0x08, 0x00])
        #expect(Array(request[4..<8]) == [0x12, 0x34, 0x00, 0x05])
        #expect(InternetChecksum.of(request.span) == 0)
    }

    /// An IP header of 20 bytes, of which only the length is looked at, and an echo reply.
    private static let reply: [UInt8] =
        [0x45] + [UInt8](repeating: 0, count: 19)
        // Type 0, code 0, checksum, identifier 0x1234, sequence 5.
        + [0x00, 0x00, 0xed, 0xc6, 0x12, 0x34, 0x00, 0x05]

    private static func isReply(_ packet: [UInt8], identifier: UInt16, sequence: UInt16) -> Bool {
        Echo.isReply(packet.span, identifier: identifier, sequence: sequence)
    }

    @Test func `only the reply to a request is taken for it`() {
        #expect(Self.isReply(Self.reply, identifier: 0x1234, sequence: 5))
        #expect(!Self.isReply(Self.reply, identifier: 0x1234, sequence: 6))
        #expect(!Self.isReply(Self.reply, identifier: 0x1235, sequence: 5))
        var unreachable = Self.reply
        unreachable[20] = 3
        #expect(!Self.isReply(unreachable, identifier: 0x1234, sequence: 5))
    }

    @Test func `an IP header with options is passed over`() {
        let packet = [0x46] + [UInt8](repeating: 0, count: 23) + Array(Self.reply[20...])
        #expect(Self.isReply(packet, identifier: 0x1234, sequence: 5))
    }

    @Test func `a piece of a reply is none`() {
        for count in 0..<Self.reply.count {
            #expect(!Self.isReply(Array(Self.reply[..<count]), identifier: 0x1234, sequence: 5))
        }
    }
}
