import Glibc
import Testing
import VmnetSystem
import VmnetWire

@testable import VmnetNAT

@Suite struct StreamBufferTests {
    /// The byte at a place of the stream.
    private func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place / 251 ^ place / 65521) }

    private func frame(_ buffer: StreamBuffer, _ range: Range<Int>) -> [UInt8] {
        var bytes: [UInt8] = []
        buffer.withFrame(
            of: range, headerByteCount: 54, headers: { $0.append(repeating: 0xee, count: 54) },
            { bytes = [UInt8](copying: $0) })
        return bytes
    }

    @Test(arguments: [4096, 65_536, StreamBuffer.byteCount])
    func `bytes come out as they went in, however often the end of the memory is reached`(reach: Int) throws {
        let buffer = try #require(StreamBuffer())
        let pipe = Pipe()
        let most = StreamBuffer.limit(within: reach)
        let (part, step) = (min(65_000, most / 3), min(30_000, most / 5))
        var (written, taken) = (0, 0)
        while taken < 5 * reach {
            while buffer.count + part <= most {
                pipe.write((written..<(written + part)).map(byte))
                #expect(buffer.receive(from: pipe.source, limit: part, within: reach) == .moved(part))
                written += part
            }
            // Headers cover bytes before the range, and leave them as they were.
            let last = frame(buffer, (buffer.count - 1)..<buffer.count)
            #expect(last == [UInt8](repeating: 0xee, count: 54) + [byte(written - 1)])
            let first = frame(buffer, 0..<step)
            #expect(first.dropFirst(54).elementsEqual((taken..<(taken + step)).map(byte)))
            buffer.removeFirst(step)
            taken += step
        }
        #expect(buffer.count == written - taken)
        _ = buffer.touch()
        #expect(buffer.touchedByteCount <= reach)
    }

    @Test func `pages are counted once, when they are written to for the first time`() throws {
        let buffer = try #require(StreamBuffer())
        let pipe = Pipe()
        func receive(_ count: Int) -> Int {
            pipe.write([UInt8](repeating: 7, count: count))
            #expect(buffer.receive(from: pipe.source, limit: 65_000, within: StreamBuffer.byteCount) == .moved(count))
            return buffer.touch()
        }
        #expect(receive(100) == 0)
        #expect(receive(8192) == 8192)
        buffer.removeAll()
        #expect(receive(8192) == 0)
        #expect(buffer.touchedByteCount == 3 * 4096)
    }

    /// A pipe as long as the longest write of these tests.
    private final class Pipe {
        let source: Int32
        private let sink: Int32

        init() {
            var ends: [Int32] = [-1, -1]
            // Safety: the kernel writes two descriptors.
            precondition(unsafe pipe(&ends) == 0)
            (source, sink) = (ends[0], ends[1])
        }

        deinit {
            close(source)
            close(sink)
        }

        func write(_ bytes: [UInt8]) {
            // Safety: the kernel reads `count` bytes; a pipe holds 64 KiB.
            precondition(unsafe Glibc.write(sink, bytes, bytes.count) == bytes.count)
        }
    }
}
