import Glibc
import Testing
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

    @Test func `bytes come out as they went in, however often the end of the memory is reached`() {
        let buffer = StreamBuffer()
        var (written, taken) = (0, 0)
        while taken < 5 * StreamBuffer.byteCount {
            while buffer.count <= RelayedConnection.window - 65_000 {
                let more = (written..<(written + 65_000)).map(byte)
                buffer.append(more.span)
                written += 65_000
            }
            // Headers cover bytes before the range, and leave them as they were.
            let last = frame(buffer, (buffer.count - 1)..<buffer.count)
            #expect(last == [UInt8](repeating: 0xee, count: 54) + [byte(written - 1)])
            let first = frame(buffer, 0..<30_000)
            #expect(first.dropFirst(54).elementsEqual((taken..<(taken + 30_000)).map(byte)))
            buffer.removeFirst(30_000)
            taken += 30_000
        }
        #expect(buffer.count == written - taken)
    }

    @Test func `a pool gives out so many buffers, and takes them back`() {
        var pool = StreamBufferPool()
        let buffers = (0..<StreamBufferPool.capacity).compactMap { _ in pool.take() }
        #expect(buffers.count == StreamBufferPool.capacity && pool.take() == nil)
        for buffer in buffers { pool.put(buffer) }
        #expect(pool.usedCount == 0 && pool.take() != nil)
    }
}
