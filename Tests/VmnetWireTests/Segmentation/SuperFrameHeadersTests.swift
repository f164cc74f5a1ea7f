import Testing
import VmnetTesting
import VmnetWire

@Suite struct SuperFrameHeadersTests {
    private let guest = FrameBuilder(from: "52:54:00:12:34:56", to: "52:54:00:00:00:01")
    private let payload = [UInt8](repeating: 0xa5, count: 4001)

    private struct Kind {
        let segmentation: OffloadDescriptor.Segmentation
        let transportOffset: Int
        let headerByteCount: Int
        let build: (FrameBuilder.Checksum) -> [UInt8]
    }

    private var kinds: [Kind] {
        [
            Kind(segmentation: .tcpv4, transportOffset: 34, headerByteCount: 66) {
                guest.tcp(
                    from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, options: [UInt8](repeating: 1, count: 12),
                    checksum: $0, payload: payload)
            },
            Kind(segmentation: .tcpv6, transportOffset: 54, headerByteCount: 74) {
                guest.tcp(from: "[fd00::1]:1", to: "[fd00::2]:2", flags: .ack, checksum: $0, payload: payload)
            },
            Kind(segmentation: .udp, transportOffset: 34, headerByteCount: 42) {
                guest.udp(from: "10.0.0.1:1", to: "10.0.0.2:2", checksum: $0, payload: payload)
            },
            Kind(segmentation: .udp, transportOffset: 54, headerByteCount: 62) {
                guest.udp(from: "[fd00::1]:1", to: "[fd00::2]:2", checksum: $0, payload: payload)
            },
        ]
    }

    private func parse(_ frame: [UInt8], _ offload: OffloadDescriptor) throws(WireError) -> SuperFrameHeaders {
        try SuperFrameHeaders(parsing: frame.span, offload)
    }

    @Test func `the headers of each kind are found, behind a VLAN tag too`() throws {
        for kind in kinds {
            let offload = OffloadDescriptor(segmentation: kind.segmentation, segmentSize: 1400)
            let frame = kind.build(.correct)
            let plain = try parse(frame, offload)
            #expect(plain.transportOffset == kind.transportOffset)
            #expect(plain.headerByteCount == kind.headerByteCount)
            #expect(plain.segmentByteCount == kind.headerByteCount + 1400)
            #expect(plain.segmentCount == 3)
            let tagged = try parse(frame.tagged, offload)
            #expect(tagged.headerByteCount == kind.headerByteCount + 4)
        }
    }

    @Test func `a whole checksum becomes the one that the sender would have left to its device`() throws {
        for kind in kinds {
            let offload = OffloadDescriptor(segmentation: kind.segmentation, segmentSize: 1400, hasECN: true)
            var frame = kind.build(.correct)
            let headers = try parse(frame, offload)
            let byteCount = frame.count
            var span = frame.mutableSpan
            let partial = headers.makeChecksumPartial(in: &span, byteCount: byteCount)
            #expect(frame == kind.build(.partial))
            #expect(
                partial
                    == OffloadDescriptor(
                        segmentation: kind.segmentation, segmentSize: 1400,
                        headerLength: UInt16(kind.headerByteCount), needsChecksum: true,
                        checksumStart: UInt16(kind.transportOffset), checksumOffset: kind.segmentation == .udp ? 6 : 16,
                        hasECN: true))
            #expect(try parse(frame, partial) == SuperFrameHeaders(parsing: frame.span, partial))
        }
    }

    @Test func `a frame of another kind is malformed`() {
        for kind in kinds {
            for other in [.tcpv4, .tcpv6, .udp] as [OffloadDescriptor.Segmentation] where other != kind.segmentation {
                #expect(throws: WireError.self) {
                    try parse(kind.build(.correct), OffloadDescriptor(segmentation: other, segmentSize: 1400))
                }
            }
        }
    }

    @Test func `a fragment, a length that is not the frame's, and every truncation are malformed`() {
        let offload = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1400)
        var header = IPv4Header(proto: .tcp, source: "10.0.0.1", destination: "10.0.0.2", payloadLength: 4000)
        header.moreFragments = true
        let fragment = guest.ipv4(header, payload: [UInt8](repeating: 0x50, count: 4000))
        #expect(throws: WireError.malformed) { try parse(fragment, offload) }
        for kind in kinds {
            let offload = OffloadDescriptor(segmentation: kind.segmentation, segmentSize: 1400)
            let frame = kind.build(.correct)
            #expect(throws: WireError.self) { try parse(frame + [0], offload) }
            for count in 0..<kind.headerByteCount {
                #expect(throws: WireError.self) { try parse(Array(frame[..<count]), offload) }
            }
        }
    }

    @Test func `a checksum elsewhere than in the transport header is malformed`() throws {
        let offload = OffloadDescriptor(
            segmentation: .tcpv6, segmentSize: 1400, needsChecksum: true, checksumStart: 54, checksumOffset: 16)
        let frame = kinds[1].build(.partial)
        #expect(try parse(frame, offload).transportOffset == 54)
        for (start, offset) in [(53, 16), (54, 6), (0, 16), (54, 65535)] as [(UInt16, UInt16)] {
            var other = offload
            other.checksumStart = start
            other.checksumOffset = offset
            #expect(throws: WireError.malformed) { try parse(frame, other) }
        }
    }

    @Test func `more than a thousand segments are malformed, and so are segments of nothing`() throws {
        let frame = kinds[0].build(.correct)
        #expect(try parse(frame, OffloadDescriptor(segmentation: .tcpv4, segmentSize: 4)).segmentByteCount == 70)
        for size: UInt16 in [0, 1, 3] {
            #expect(throws: WireError.malformed) {
                try parse(frame, OffloadDescriptor(segmentation: .tcpv4, segmentSize: size))
            }
        }
    }
}
