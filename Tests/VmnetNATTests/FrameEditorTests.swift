import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct FrameEditorTests {
    private let builder = FrameBuilder(from: Guest.station, to: Guest.gatewayStation)

    private func edited(_ frame: [UInt8], _ change: (inout FrameEditor) -> Void) -> [UInt8] {
        var editor = FrameEditor()
        editor.load(frame.span)
        change(&editor)
        return editor.bytes
    }

    @Test func `a query for the gateway becomes one for the alias, byte for byte as if it had been sent there`() {
        for size in [0, 1, 31, 512] {
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: size), count: size)
            for to: Endpoint in ["192.168.64.1:53"] {
                let udp = builder.udp(from: "192.168.64.2:1025", to: to, payload: payload)
                let alias = builder.udp(from: "192.168.64.2:1025", to: "192.168.64.0:53", payload: payload)
                #expect(edited(udp) { $0.setDestination("192.168.64.0") } == alias)
                let tcp = builder.tcp(from: "192.168.64.2:1025", to: to, flags: .ack, payload: payload)
                let aliasTCP = builder.tcp(
                    from: "192.168.64.2:1025", to: "192.168.64.0:53", flags: .ack, payload: payload)
                #expect(edited(tcp) { $0.setDestination("192.168.64.0") } == aliasTCP)
            }
        }
    }

    @Test func `a segment gets another peer, byte for byte as if it had been sent there`() {
        func segment(from source: Endpoint, to destination: Endpoint) -> [UInt8] {
            builder.tcp(from: source, to: destination, flags: .ack, payload: [1, 2, 3])
        }
        let (guest, peer, gateway): (Endpoint, Endpoint, Endpoint) = (
            "192.168.64.2:22", "198.51.100.7:777", "192.168.64.1:40000"
        )
        #expect(
            edited(segment(from: guest, to: peer)) {
                $0.setDestination("192.168.64.1", port: 40000, transportOffset: 34)
            } == segment(from: guest, to: gateway))
        #expect(
            edited(segment(from: gateway, to: guest)) {
                $0.setSource("198.51.100.7", port: 777, transportOffset: 34)
            } == segment(from: peer, to: guest))
    }

    @Test func `an answer of the alias becomes one of the gateway`() {
        let alias = builder.udp(from: "192.168.64.0:53", to: "192.168.64.2:1025", payload: [1, 2, 3])
        let gateway = builder.udp(from: "192.168.64.1:53", to: "192.168.64.2:1025", payload: [1, 2, 3])
        #expect(edited(alias) { $0.setSource("192.168.64.1") } == gateway)
    }

    @Test(arguments: [[], [1], [1, 1], [1, 1, 1]] as [[UInt8]])
    func `another segment size keeps the checksum right, wherever the option lies`(padding: [UInt8]) {
        func segment(_ size: [UInt8]) -> [UInt8] {
            let options = padding + [2, 4] + size + [UInt8](repeating: 0, count: (4 - padding.count) % 4)
            return builder.tcp(
                from: "192.168.64.2:22", to: "192.168.64.1:1025", flags: [.syn, .ack], options: options)
        }
        let raised = edited(segment([0x05, 0xb4])) { $0.setMaximumSegmentSize(16364, transportOffset: 34) }
        #expect(raised == segment([0x3f, 0xec]))
    }

    @Test func `a segment without the option stays as it is`() {
        let segment = builder.tcp(
            from: "192.168.64.2:22", to: "192.168.64.1:1025", flags: [.syn, .ack], options: [4, 2, 0, 0])
        #expect(edited(segment) { $0.setMaximumSegmentSize(16364, transportOffset: 34) } == segment)
    }

    @Test func `a smaller window keeps the checksum right`() {
        func segment(_ window: UInt16) -> [UInt8] {
            builder.tcp(from: "192.168.64.2:22", to: "192.168.64.1:1025", flags: .ack, window: window)
        }
        for window: UInt16 in [1, 0x100, 65535] {
            #expect(edited(segment(window)) { $0.reduceWindow(transportOffset: 34) } == segment(window - 1))
        }
    }

    @Test func `a datagram without a checksum gets none`() {
        let alias = builder.udp(from: "192.168.64.0:53", to: "192.168.64.2:1", checksum: .zero, payload: [1])
        let gateway = builder.udp(from: "192.168.64.1:53", to: "192.168.64.2:1", checksum: .zero, payload: [1])
        #expect(edited(alias) { $0.setSource("192.168.64.1") } == gateway)
    }

    @Test func `a later fragment has no transport checksum to change`() {
        func fragment(_ source: IPv4Address) -> [UInt8] {
            var header = IPv4Header(proto: .udp, source: source, destination: Guest.address, payloadLength: 16)
            header.fragmentOffset = 1480
            return builder.ipv4(header, payload: [UInt8](1...16))
        }
        #expect(edited(fragment("192.168.64.0")) { $0.setSource("192.168.64.1") } == fragment("192.168.64.1"))
    }

    @Test func `an error about a query to the alias quotes the one that the guest sent`() {
        func error(_ destination: Endpoint) -> [UInt8] {
            let query = builder.udp(from: "192.168.64.2:1025", to: destination, payload: [1, 2, 3, 4])
            return builder.icmp(
                from: "192.168.64.1", to: "192.168.64.2", type: 3, code: 1, payload: Array(query[14...]))
        }
        let corrected = edited(error("192.168.64.0:53")) { $0.setQuotedDestination("192.168.64.1") }
        #expect(corrected == error("192.168.64.1:53"))
    }

    @Test func `urgent data become ordinary, with the checksum they would have had`() {
        var urgent = builder.tcp(
            from: "192.168.64.2:1025", to: "1.2.3.4:80", flags: [.ack, .psh, .urg], payload: [1, 2, 3])
        let ordinary = builder.tcp(
            from: "192.168.64.2:1025", to: "1.2.3.4:80", flags: [.ack, .psh], payload: [1, 2, 3])
        // An urgent pointer of 2, and the checksum that goes with it.
        let checksum = UInt16(urgent[50]) << 8 | UInt16(urgent[51])
        urgent.store(be16: 2, at: 52)
        urgent.store(be16: InternetChecksum.updated(checksum, replacing: UInt16(0), by: 2), at: 50)
        #expect(edited(urgent) { $0.clearUrgent(transportOffset: 34) } == ordinary)
    }

    @Test func `a wrong checksum stays wrong`() {
        let wrong = builder.udp(from: "192.168.64.2:1", to: "192.168.64.1:53", checksum: .wrong, payload: [1])
        #expect(Packet(edited(wrong) { $0.setDestination("192.168.64.0") })?.isIntact == false)
    }

    @Test func `a partial checksum is completed where it says, or refused when it lies outside`() throws {
        let partial = builder.tcp(
            from: "192.168.64.2:1025", to: "1.2.3.4:80", flags: .ack, checksum: .partial, payload: [1, 2, 3])
        let whole = builder.tcp(from: "192.168.64.2:1025", to: "1.2.3.4:80", flags: .ack, payload: [1, 2, 3])
        var editor = FrameEditor()
        editor.load(partial.span)
        try editor.complete(OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 16))
        #expect(editor.bytes == whole)
        #expect(throws: WireError.malformed) {
            var editor = FrameEditor()
            editor.load(partial.span)
            try editor.complete(OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 0xffff))
        }
    }

    @Test func `link-layer addresses in neighbour discovery become the gateway's`() {
        func advertisement(_ station: [UInt8]) -> [UInt8] {
            // Target address, then the options: target link-layer address, and one that is none of ours.
            let target = [UInt8](repeating: 0xfd, count: 16)
            return builder.icmp(
                from: "fd00::2", to: "fd00::5", type: 136, rest: 0xe000_0000,
                payload: target + [2, 1] + station + [5, 1, 0, 0, 0, 0, 5, 0xdc])
        }
        let corrected = edited(advertisement([0x52, 0x56, 0, 0, 0, 2])) {
            $0.setLinkLayerAddress(Guest.gatewayStation, optionsOffset: 14 + 40 + 24)
        }
        #expect(corrected == advertisement(Guest.gatewayStation.octets))
    }
}
