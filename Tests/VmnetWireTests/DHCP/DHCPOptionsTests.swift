import Testing
import VmnetTesting
import VmnetWire

private let client: MACAddress = "52:54:00:12:34:56"

/// The framing of options: RFC 2132, 3396 and 3046.
@Suite struct DHCPOptionsTests {
    private func message(_ configure: (inout DHCPOptions) -> Void) -> DHCPMessage {
        var message = DHCPMessage(operation: .reply, transactionID: 1, hardwareAddress: client)
        message.type = .acknowledge
        configure(&message.options)
        return message
    }

    private func parsed(options: String, serverName: String = "", bootFile: String = "") throws -> DHCPMessage {
        var bytes = Array(DHCPMessage(operation: .reply, transactionID: 1, hardwareAddress: client).bytes().prefix(240))
        let name = [UInt8](hex: serverName)
        let file = [UInt8](hex: bootFile)
        bytes.replaceSubrange(44..<44 + name.count, with: name)
        bytes.replaceSubrange(108..<108 + file.count, with: file)
        return try DHCPMessage(parsing: (bytes + [UInt8](hex: options)).span)
    }

    @Test func `an option that occurs several times is one, joined in order`() throws {
        let message = try parsed(options: "0c 02 61 62  35 01 05  0c 01 63  0c 00  0c 02 64 65  ff")
        #expect(message.options[.hostName] == "abcde")
    }

    @Test func `the file field holds options when the overload option says so`() throws {
        let message = try parsed(options: "35 01 05 34 01 01 ff", serverName: "61 62", bootFile: "03 04 c0 a8 40 01 ff")
        #expect(message.options[.routers] == ["192.168.64.1"])
        #expect(message.serverName == [0x61, 0x62])
        #expect(message.bootFile.isEmpty)
        #expect(message.options[raw: .overload] == nil)
    }

    @Test func `the sname field holds options when the overload option says so`() throws {
        let message = try parsed(options: "35 01 05 34 01 02 ff", serverName: "03 04 c0 a8 40 01 ff", bootFile: "61")
        #expect(message.options[.routers] == ["192.168.64.1"])
        #expect(message.bootFile == [0x61])
        #expect(message.serverName.isEmpty)
    }

    @Test func `an option split over all fields is joined in the order options, file, sname`() throws {
        let message = try parsed(
            options: "35 01 05 34 01 03 0c 01 61 ff", serverName: "0c 01 63 ff", bootFile: "0c 01 62 ff")
        #expect(message.options[.hostName] == "abc")
    }

    @Test func `an overload option within an overloaded field means nothing`() throws {
        let message = try parsed(options: "35 01 05 34 01 01 ff", serverName: "61", bootFile: "34 01 02 ff")
        #expect(message.serverName == [0x61])
    }

    @Test func `an option of more than 255 bytes is split and joined again`() throws {
        for count in [255, 256, 510, 511, 1200] {
            let value = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
            let original = message { $0[raw: .vendorSpecific] = value }
            let bytes = original.bytes()
            #expect(try DHCPMessage(parsing: bytes.span) == original)
        }
    }

    @Test func `options are written in order of priority, then of number, with 82 last`() {
        let message = message {
            $0[.hostName] = "a"
            $0[.subnetMask] = "255.255.255.0"
            $0[raw: .relayAgentInformation] = [1]
            $0[raw: DHCPOptionCode(rawValue: 224)] = [2]
            $0[.serverIdentifier] = "192.168.64.1"
        }
        let layout = message.layout(priority: [.serverIdentifier, .domainName])
        let bytes = [UInt8](capacity: message.byteCount(layout)) { message.write(layout, to: &$0) }
        #expect(
            Array(bytes[240..<269]).hex
                == [UInt8](
                    hex: "35 01 05  36 04 c0 a8 40 01  01 04 ff ff ff 00  0c 01 61  e0 01 02  52 01 01  ff 00 00 00 00"
                ).hex)
        #expect(layout.omitted.isEmpty)
    }

    @Test func `what does not fit the options field moves to file, then to sname`() throws {
        let original = message {
            for number in 1...4 as ClosedRange<UInt8> {
                $0[raw: DHCPOptionCode(rawValue: 224 + number)] = [UInt8](repeating: number, count: 50)
            }
        }
        // 60 bytes of options: one of 50 and the overload; two in file, one in sname.
        let bytes = original.bytes(limit: 300)
        #expect(bytes.count == 300)
        #expect(bytes[108] == 226 && bytes[160] == 227)
        #expect(bytes[44] == 228)
        #expect(try DHCPMessage(parsing: bytes.span) == original)
    }

    @Test func `a field that holds a name is not used for options`() throws {
        var message = message { $0[raw: .vendorSpecific] = [UInt8](repeating: 1, count: 100) }
        message.bootFile = Array("boot.img".utf8)
        let layout = message.layout(limit: 300)
        // 54 bytes in the options field, 46 in sname.
        #expect(layout.omitted.isEmpty)
        let bytes = [UInt8](capacity: message.byteCount(layout)) { message.write(layout, to: &$0) }
        #expect(try DHCPMessage(parsing: bytes.span) == message)
        message.serverName = Array("host".utf8)
        #expect(message.layout(limit: 300).omitted == [.vendorSpecific])
    }

    @Test func `what does not fit at all is left out, least wanted first`() {
        let message = message {
            for number in 1...10 as ClosedRange<UInt8> {
                $0[raw: DHCPOptionCode(rawValue: 224 + number)] = [UInt8](repeating: number, count: 50)
            }
        }
        let wanted = [230, 228].map { DHCPOptionCode(rawValue: $0) }
        #expect(message.layout(limit: 300, priority: wanted).omitted.map(\.rawValue) == [227, 229, 231, 232, 233, 234])
        #expect(
            message.layout(limit: 300, priority: wanted, mayOverload: false).omitted.map(\.rawValue) == [
                228, 225, 226, 227, 229, 231, 232, 233, 234,
            ])
    }

    @Test func `every size of option meets every limit and comes out whole or not at all`() throws {
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<400 {
            let original = message {
                for _ in 0..<Int.random(in: 0...8, using: &generator) {
                    let code = DHCPOptionCode(rawValue: UInt8.random(in: 60...240, using: &generator))
                    $0[raw: code] = generator.bytes(Int.random(in: 0...300, using: &generator))
                }
            }
            let limit = Int.random(in: 0...1500, using: &generator)
            let layout = original.layout(limit: limit)
            let bytes = [UInt8](capacity: original.byteCount(layout)) { original.write(layout, to: &$0) }
            #expect(bytes.count <= max(limit, 300))
            var expected = original
            for code in layout.omitted { expected.options[raw: code] = nil }
            #expect(try DHCPMessage(parsing: bytes.span) == expected)
        }
    }

    @Test func `framing is not an option`() {
        let message = message {
            $0[raw: .pad] = [1]
            $0[raw: .end] = [1]
            $0[raw: .overload] = [3]
        }
        #expect(message.options.codes == [.messageType])
    }
}
