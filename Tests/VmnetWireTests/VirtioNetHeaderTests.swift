import Testing
import VmnetTesting
import VmnetWire

@Suite struct VirtioNetHeaderTests {
    /// A TCP super-segment as Linux hands it to a TAP.
    private let segments = [UInt8](
        hex: """
            01 01   // needs checksum; TCP over IPv4
            42 00   // 66 bytes of headers
            b4 05   // 1460 bytes a segment
            22 00   // checksum from 34 on
            10 00   // stored 16 bytes further on
            01 00   // one buffer
            """)

    @Test func `the fields are read in little-endian order`() throws {
        let header = try VirtioNetHeader(parsing: segments.span)
        #expect(
            header.offload
                == OffloadDescriptor(
                    segmentation: .tcpv4, segmentSize: 1460, headerLength: 66, needsChecksum: true, checksumStart: 34,
                    checksumOffset: 16))
        #expect(!header.isChecksumValid)
        #expect(!header.offload.hasECN)
        #expect(header.bufferCount == 1)
        #expect(!header.offload.isNone)
    }

    @Test func `a header is written as it was`() throws {
        let header = try VirtioNetHeader(parsing: segments.span)
        #expect(written(header) == segments)
    }

    @Test func `a plain frame has a header of zeros and one buffer`() throws {
        let plain = [UInt8](hex: "00 00 00 00 00 00 00 00 00 00 01 00")
        #expect(written(VirtioNetHeader(offload: .none)) == plain)
        let header = try VirtioNetHeader(parsing: plain.span)
        #expect(header.offload == .none)
        #expect(header.offload.isNone)
    }

    @Test func `a partial checksum or segments are something to do`() {
        #expect(!OffloadDescriptor(needsChecksum: true).isNone)
        #expect(!OffloadDescriptor(segmentation: .udp, segmentSize: 1).isNone)
        #expect(OffloadDescriptor(headerLength: 54).isNone)
    }

    @Test func `every shorter header is truncated`() {
        for count in 0..<VirtioNetHeader.byteCount {
            #expect(throws: WireError.truncated) {
                try VirtioNetHeader(parsing: segments.span.extracting(first: count))
            }
        }
    }

    /// 3 is fragmentation of UDP, which Linux gave up; 2, 6 and the rest mean nothing.
    @Test(arguments: (0..<128).filter { ![0, 1, 4, 5].contains($0) })
    func `any other segmentation type is malformed`(type: UInt8) {
        #expect(throws: WireError.malformed) { try VirtioNetHeader(parsing: segments.with(type, at: 1).span) }
        #expect(throws: WireError.malformed) { try VirtioNetHeader(parsing: segments.with(type | 0x80, at: 1).span) }
    }

    @Test(arguments: [1, 4, 5, 0x81, 0x84] as [UInt8])
    func `segmentation without a segment size is malformed`(type: UInt8) {
        let header = segments.with(type, at: 1).with(0, at: 4).with(0, at: 5)
        #expect(throws: WireError.malformed) { try VirtioNetHeader(parsing: header.span) }
    }

    @Test func `a segment size without segmentation says nothing`() throws {
        let header = try VirtioNetHeader(parsing: segments.with(0, at: 1).with(0, at: 0).span)
        #expect(header.offload.isNone)
    }

    @Test func `ECN belongs to TCP`() throws {
        for type: UInt8 in [1, 4] {
            let bytes = segments.with(type | 0x80, at: 1)
            let header = try VirtioNetHeader(parsing: bytes.span)
            #expect(header.offload.hasECN)
            #expect(written(header) == bytes)
        }
        for type: UInt8 in [0, 5] {
            #expect(throws: WireError.malformed) {
                try VirtioNetHeader(parsing: segments.with(type | 0x80, at: 1).span)
            }
        }
    }

    @Test func `a verified checksum is passed on, and unknown flags are not`() throws {
        let header = try VirtioNetHeader(parsing: segments.with(0xfe, at: 0).span)
        #expect(header.isChecksumValid)
        #expect(!header.offload.needsChecksum)
        #expect(written(header) == segments.with(2, at: 0))
    }

    @Test func `random headers survive being written and read`() throws {
        var random = SeededGenerator(seed: 12)
        for segmentation in [.none, .tcpv4, .tcpv6, .udp] as [OffloadDescriptor.Segmentation] {
            for _ in 0..<250 {
                var header = VirtioNetHeader(
                    offload: OffloadDescriptor(
                        segmentation: segmentation, segmentSize: .random(in: 1 ... .max, using: &random),
                        headerLength: .random(in: 0 ... .max, using: &random),
                        needsChecksum: .random(using: &random),
                        checksumStart: .random(in: 0 ... .max, using: &random),
                        checksumOffset: .random(in: 0 ... .max, using: &random), hasECN: segmentation == .tcpv6),
                    isChecksumValid: .random(using: &random))
                header.bufferCount = .random(in: 0 ... .max, using: &random)
                #expect(try VirtioNetHeader(parsing: written(header).span) == header)
            }
        }
    }

    private func written(_ header: VirtioNetHeader) -> [UInt8] {
        [UInt8](capacity: VirtioNetHeader.byteCount) { header.write(to: &$0) }
    }
}
