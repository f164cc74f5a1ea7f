import Testing
import VmnetTesting
import VmnetWire

private let client: MACAddress = "52:54:00:12:34:56"

/// A DISCOVER as klibc's ipconfig sends it, without its 192 zeros of sname and file.
private let discover =
    [UInt8](
        hex: """
            01 01 06 00  63 8a e0 11  00 00  80 00                    // BOOTREQUEST, Ethernet, xid, secs, broadcast flag
            00 00 00 00  00 00 00 00  00 00 00 00  00 00 00 00        // ciaddr, yiaddr, siaddr, giaddr
            52 54 00 12 34 56  00 00 00 00 00 00 00 00 00 00          // chaddr
            """) + [UInt8](repeating: 0, count: 192)
    + [UInt8](
        hex: """
            63 82 53 63                                           // magic cookie
            35 01 01                                              // DISCOVER
            37 0b 01 03 06 0c 0f 11 1a 1c 28 77 79                // parameter request list
            3c 0e 4c 69 6e 75 78 20 69 70 63 6f 6e 66 69 67       // Linux ipconfig
            ff
            """)

/// The header of `discover` with these bytes after it.
private func message(_ rest: String) -> [UInt8] { Array(discover.prefix(236)) + [UInt8](hex: rest) }

@Suite struct DHCPMessageTests {
    @Test func `a client's message is read`() throws {
        let message = try DHCPMessage(parsing: discover.span)
        #expect(message.operation == .request)
        #expect(message.transactionID == 0x638a_e011)
        #expect(message.wantsBroadcast)
        #expect(message.hardwareAddress == client)
        #expect(message.type == .discover)
        #expect(message.options[.vendorClass] == "Linux ipconfig")
        #expect(message.options[.parameterRequestList]?.map(\.rawValue) == [1, 3, 6, 12, 15, 17, 26, 28, 40, 119, 121])
        #expect(message.serverName.isEmpty && message.bootFile.isEmpty)
    }

    @Test func `what was read is written with the message type first and the rest in order`() throws {
        let parsed = try DHCPMessage(parsing: discover.span)
        // Its options are in that order already; 300 bytes is the least that is written.
        #expect(parsed.bytes().hex == (discover + [UInt8](repeating: 0, count: 300 - discover.count)).hex)
    }

    @Test func `a message with every header field round-trips`() throws {
        var message = DHCPMessage(operation: .reply, transactionID: 0x3903_f326, hardwareAddress: client)
        message.hops = 3
        message.secondsElapsed = 0x0102
        message.wantsBroadcast = true
        message.clientAddress = "192.168.64.2"
        message.yourAddress = "192.168.64.3"
        message.nextServerAddress = "192.168.64.1"
        message.relayAddress = "192.168.64.9"
        message.serverName = Array("boot".utf8)
        message.bootFile = Array("pxelinux.0".utf8)
        message.type = .offer
        message.options[.leaseTime] = DHCPDuration(seconds: 3600)
        let bytes = message.bytes()
        #expect(bytes.count == DHCPMessage.minimumByteCount)
        #expect(try DHCPMessage(parsing: bytes.span) == message)
    }

    @Test func `no prefix of the header is a message, and every prefix of the options is one or an error`() {
        for count in 0..<236 {
            let prefix = Array(discover.prefix(count))
            #expect(throws: WireError.truncated) { try DHCPMessage(parsing: prefix.span) }
        }
        for count in 236..<discover.count {
            let prefix = Array(discover.prefix(count))
            _ = try? DHCPMessage(parsing: prefix.span)
        }
    }

    @Test func `another hardware type, operation or cookie is malformed`() {
        for (offset, value) in [(0, 0), (0, 3), (1, 6), (2, 8), (236, 1)] as [(Int, UInt8)] {
            var bytes = discover
            bytes[offset] = value
            #expect(throws: WireError.malformed) { try DHCPMessage(parsing: bytes.span) }
        }
    }

    @Test func `without cookie, or with a zero one, it is a BOOTP message`() throws {
        for rest in ["", "00", "00 00 00 00 00 00", "63 82 53 63 ff"] {
            let message = try DHCPMessage(parsing: message(rest).span)
            #expect(message.type == nil)
            #expect(message.options.isEmpty)
        }
    }

    @Test func `a message type that is not one byte does not pass for BOOTP`() {
        for rest in ["63 82 53 63 35 00 ff", "63 82 53 63 35 02 01 01 ff", "63 82 53 63 35 01 01 35 01 03 ff"] {
            let bytes = message(rest)
            #expect(throws: WireError.malformed) { try DHCPMessage(parsing: bytes.span) }
        }
    }

    @Test func `padding, unknown options and a missing end are fine; bytes after the end are not read`() throws {
        let parsed = try DHCPMessage(parsing: message("63 82 53 63 00 00 e0 02 aa bb 00 35 01 08").span)
        #expect(parsed.type == .inform)
        #expect(parsed.options[raw: DHCPOptionCode(rawValue: 224)] == [0xaa, 0xbb])
        let ended = try DHCPMessage(parsing: message("63 82 53 63 35 01 01 ff e0 ff 00").span)
        #expect(ended.options.codes == [.messageType])
    }

    @Test func `an option that is longer than the message is an error`() {
        for rest in ["63 82 53 63 35", "63 82 53 63 35 01", "63 82 53 63 0c 05 61 62 63 64"] {
            let bytes = message(rest)
            #expect(throws: WireError.truncated) { try DHCPMessage(parsing: bytes.span) }
        }
    }

    @Test func `names in the header end at a zero, or at the end of the field`() throws {
        var bytes = discover
        bytes.replaceSubrange(44..<108, with: [UInt8](repeating: 0x61, count: 64))
        bytes.replaceSubrange(108..<112, with: [0x62, 0x62, 0x00, 0x63])
        let message = try DHCPMessage(parsing: bytes.span)
        #expect(message.serverName.count == 64)
        #expect(message.bootFile == [0x62, 0x62])
        // A name is always ended when it is written.
        let written = message.bytes()
        #expect(written[106] == 0x61 && written[107] == 0)
    }

    @Test func `random bytes are read or refused, and what is read can be written`() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<3000 {
            var bytes = discover + generator.bytes(Int.random(in: 0...400, using: &generator))
            for _ in 0..<Int.random(in: 0...12, using: &generator) {
                bytes[Int.random(in: 3..<bytes.count, using: &generator)] = UInt8.random(in: 0...255, using: &generator)
            }
            guard let message = try? DHCPMessage(parsing: bytes.span) else { continue }
            let written = message.bytes()
            #expect(try DHCPMessage(parsing: written.span).options == message.options)
            #expect(message.bytes(limit: 300).count == 300)
        }
    }

    @Test func `the longest message of nothing but tiny options is read in time`() throws {
        // 32,000 options of one number, and of all numbers in turn.
        for step in [0, 1] {
            var bytes = Array(discover.prefix(240)) + [0x35, 1, 1]
            for index in 0..<32000 { bytes += [UInt8(60 + index * step % 190), 0] }
            let beginning = ContinuousClock.now
            _ = try DHCPMessage(parsing: bytes.span)
            #expect(ContinuousClock.now - beginning < .seconds(1))
        }
    }

    @Test func `a message describes itself in a line`() throws {
        let text = try DHCPMessage(parsing: discover.span).description
        #expect(text == "discover xid 638ae011 52:54:00:12:34:56, options 53 55 60")
    }
}
