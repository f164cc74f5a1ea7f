import Glibc
import Testing

@testable import Probes

@Suite struct FrameWriterTests {
    @Test(arguments: [true, false])
    func `frames are written in the order in which they were added, also more of them than go with one call`(
        isBatched: Bool
    ) {
        var ends: [Int32] = [0, 0]
        let wanted = (0..<1200).flatMap { [UInt8](repeating: UInt8(truncatingIfNeeded: $0), count: 40 + $0 % 7) }
        // Safety: two descriptors, as `pipe` writes. It holds 64 KiB, so that no write has to wait.
        #expect(unsafe pipe(&ends) == 0 && wanted.count < 60_000)
        defer { for end in ends { close(end) } }
        for end in ends { #expect(fcntl(end, F_SETFL, O_NONBLOCK) == 0) }
        let writer = FrameWriter(to: ends[1], isBatched: isBatched)
        // Safety: the octets live until all of them have been written.
        unsafe wanted.withUnsafeBytes { octets in
            var start = 0
            for index in 0..<1200 {
                unsafe writer.add(UnsafeRawBufferPointer(rebasing: octets[start..<start + 40 + index % 7]))
                start += 40 + index % 7
            }
            writer.flush()
        }
        let written = unsafe [UInt8](unsafeUninitializedCapacity: 1 << 16) { memory, count in
            // Safety: no more than there is room for.
            count = unsafe max(0, read(ends[0], memory.baseAddress, memory.count))
        }
        #expect(written == wanted)
    }
}
