import Testing
import VmnetPorts
import VmnetSwitch
import VmnetTesting
import VmnetWire

@Suite struct StreamFramingTests {
    @Test func `several frames in one read are handed on in order`() {
        let decoder = Decoder()
        let bytes = encode([frame(14, 1), frame(60, 2), frame(1514, 3)])
        #expect(decoder.feed(bytes) == nil)
        #expect(decoder.frames == [frame(14, 1), frame(60, 2), frame(1514, 3)])
        #expect(!decoder.isWithinFrame)
    }

    @Test(arguments: 1...31)
    func `frames cut into pieces of any size come out whole`(pieceByteCount: Int) {
        let frames = [frame(14, 1), frame(15, 2), frame(100, 3), frame(14, 4), frame(1000, 5)]
        let decoder = Decoder()
        feed(encode(frames), to: decoder, by: pieceByteCount)
        #expect(decoder.frames == frames)
        #expect(!decoder.isWithinFrame)
    }

    @Test func `a length of zero is tolerated and counted`() {
        let decoder = Decoder()
        // length 0, length 0, a frame of 14 bytes
        #expect(decoder.feed([0, 0, 0, 0, 0, 0, 0, 0] + encode([frame(14, 7)])) == nil)
        #expect(decoder.frames == [frame(14, 7)])
        #expect(decoder.drops() == [.malformed: 2])
    }

    @Test(arguments: [1, 4, 13])
    func `a runt is skipped and counted, however it is cut`(length: Int) {
        for piece in 1...(length + 5) {
            let decoder = Decoder()
            feed(encode([frame(length, 1), frame(20, 2)]), to: decoder, by: piece)
            #expect(decoder.frames == [frame(20, 2)])
            #expect(decoder.drops() == [.malformed: 1])
        }
    }

    @Test(arguments: [Frame.maximumByteCount + 1, StreamFraming.maximumLength])
    func `a frame longer than the network carries is skipped and counted`(length: Int) {
        for piece in [101, 1000, 1 << 20] {
            let decoder = Decoder()
            feed(encode([frame(length, 1), frame(20, 2)]), to: decoder, by: piece)
            #expect(decoder.frames == [frame(20, 2)])
            #expect(decoder.drops() == [.oversize: 1])
        }
    }

    @Test func `the longest frame passes`() {
        let decoder = Decoder()
        let longest = frame(Frame.maximumByteCount, 9)
        feed(encode([longest, longest]), to: decoder, by: 4096)
        #expect(decoder.frames == [longest, longest])
    }

    @Test(arguments: [69_633, 73_729, 0x8000_0000, 0xffff_ffff] as [UInt32])
    func `a length that no frame can have is a violation, whole or cut`(length: UInt32) {
        let header = (0..<4).map { UInt8(truncatingIfNeeded: length >> (24 - 8 * UInt32($0))) }
        let whole = Decoder()
        #expect(whole.feed(encode([frame(14, 1)]) + header)?.length == length)
        #expect(whole.frames == [frame(14, 1)])
        let cut = Decoder()
        #expect(cut.feed(Array(header.prefix(2))) == nil)
        #expect(cut.feed(Array(header.suffix(2)))?.length == length)
        #expect(cut.frames.isEmpty)
    }

    @Test func `a stream that ends within a frame says so`() {
        for byteCount in 1..<(4 + 20) {
            let decoder = Decoder()
            _ = decoder.feed(Array(encode([frame(20, 1)]).prefix(byteCount)))
            #expect(decoder.isWithinFrame)
            #expect(decoder.frames.isEmpty)
        }
    }

    @Test func `random bytes yield only frames that the network carries`() {
        var random = SeededGenerator(seed: 42)
        var violations = 0
        for _ in 0..<300 {
            let decoder = Decoder()
            for _ in 0..<8 {
                let byteCount = Int(random.next() % 400)
                var bytes = random.bytes(byteCount)
                // Half of the pieces begin with a plausible length.
                if byteCount >= 4, random.next() % 2 == 0 { bytes.replaceSubrange(0..<3, with: [0, 0, 0]) }
                if decoder.feed(bytes) != nil {
                    violations += 1
                    break
                }
            }
            #expect(decoder.frames.allSatisfy { (14...Frame.maximumByteCount).contains($0.count) })
        }
        #expect(violations > 0)
    }

    private func feed(_ bytes: [UInt8], to decoder: Decoder, by piece: Int) {
        var offset = 0
        while offset < bytes.count {
            let end = min(offset + piece, bytes.count)
            #expect(decoder.feed(Array(bytes[offset..<end])) == nil)
            offset = end
        }
    }
}

/// A decoder that keeps what it was given.
private final class Decoder {
    private var framing = StreamFraming()
    private(set) var frames: [[UInt8]] = []

    var isWithinFrame: Bool { framing.isWithinFrame }

    func feed(_ bytes: [UInt8]) -> StreamFraming.Violation? {
        var frames: [[UInt8]] = []
        let violation = framing.decode(bytes.span) { frames.append([UInt8](copying: $0)) }
        self.frames += frames
        return violation
    }

    func drops() -> [DropReason: UInt64] { counts(framing.takeDrops()) }
}
