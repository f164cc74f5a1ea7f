import CLinux
import Glibc
import Probes
import Testing

@Suite struct ReceiveOffloadTests {
    @Test func `full-sized segments in a row become one, which says how to cut it`() {
        let frames = (0..<3).map { segment($0 * 1000, [UInt8](repeating: UInt8($0), count: 1000), isPushed: $0 == 2) }
        let written = joined(frames)
        #expect(written.count == 1)
        guard let record = written.first else { return }
        // Needs a checksum; TCP over IPv4; headers of 54, segments of 1000, TCP at 34 and its checksum 16 behind.
        #expect(record.prefix(10) == [1, 1, 54, 0, 0xe8, 0x03, 34, 0, 16, 0])
        let frame = [UInt8](record.dropFirst(10))
        #expect(frame.dropFirst(54) == frames.flatMap { $0.dropFirst(54) }[...])
        #expect(number(frame, 16) == 20 + 20 + 3000)
        #expect(sum(frame[14..<34]) == 0xffff)
        #expect(number(frame, 50) == sum(frame[26..<34] + [0, 6] + big(20 + 3000)))
        // The last one's push is the whole's.
        #expect(frame[47] == 0x18)
    }

    @Test func `a short segment and a push end a run`() {
        let full = [UInt8](repeating: 1, count: 1000)
        let frames = [
            segment(0, full), segment(1000, [2, 3]), segment(1002, full, isPushed: true), segment(2002, full),
            segment(3002, full),
        ]
        #expect(joined(frames).map(\.count) == [10 + 54 + 1002, 10 + 54 + 1000, 10 + 54 + 2000])
    }

    @Test func `a segment with a wrong checksum, one behind a gap and other frames go on as they came, in order`() {
        let full = [UInt8](repeating: 1, count: 1000)
        var wrong = segment(1000, full)
        wrong[60] ^= 1
        let frames = [
            segment(0, full), wrong, [UInt8](repeating: 9, count: 60), segment(7000, full), segment(9000, full),
        ]
        #expect(joined(frames) == frames.map { [UInt8](repeating: 0, count: 10) + $0 })
    }

    @Test func `no more is joined than a packet holds`() {
        let frames = (0..<50).map { segment($0 * 1460, [UInt8](repeating: 1, count: 1460)) }
        #expect(joined(frames).map { ($0.count - 64) / 1460 } == [44, 6])
    }

    // MARK: Frames

    /// What a TAP would be given.
    private func joined(_ frames: [[UInt8]]) -> [[UInt8]] {
        var ends: [2 of Int32] = [-1, -1]
        // Safety: two descriptors, which live for the call.
        unsafe withUnsafeMutableBytes(of: &ends) {
            _ = unsafe socketpair(
                AF_UNIX, Int32(SOCK_SEQPACKET.rawValue), 0, $0.assumingMemoryBound(to: Int32.self).baseAddress)
        }
        defer { for index in 0..<2 { close(ends[index]) } }
        var offload = ReceiveOffload(tap: ends[0])
        let batch = frames.flatMap { $0 }
        var start = 0
        for frame in frames {
            offload.take(start..<start + frame.count, of: batch.span)
            start += frame.count
        }
        offload.flush(batch.span)
        var written: [[UInt8]] = []
        while true {
            let record = unsafe [UInt8](unsafeUninitializedCapacity: 70_000) { memory, count in
                // Safety: no more than there is room for.
                count = unsafe max(0, recv(ends[1], memory.baseAddress, memory.count, Int32(MSG_DONTWAIT)))
            }
            if record.isEmpty { return written }
            written.append(record)
        }
    }

    /// A segment behind Ethernet's and IPv4's headers.
    private func segment(_ sequence: Int, _ payload: [UInt8], isPushed: Bool = false) -> [UInt8] {
        let addresses: [UInt8] = [10, 0, 2, 2, 10, 0, 2, 15]
        var header: [UInt8] = [0x45, 0] + big(40 + payload.count) + [0, 7, 0x40, 0, 64, 6, 0, 0] + addresses
        header.replaceSubrange(10..<12, with: big(~sum(header[...]) & 0xffff))
        var transport: [UInt8] =
            big(80) + big(4000) + big(sequence >> 16) + big(sequence) + [0, 0, 0, 9, 0x50, isPushed ? 0x18 : 0x10]
            + big(500) + [0, 0, 0, 0] + payload
        let pseudoHeader = addresses + [0, 6] + big(transport.count)
        transport.replaceSubrange(16..<18, with: big(~sum((pseudoHeader + transport)[...]) & 0xffff))
        return [UInt8](repeating: 2, count: 12) + [8, 0] + header + transport
    }

    private func big(_ number: Int) -> [UInt8] {
        [UInt8(truncatingIfNeeded: number >> 8), UInt8(truncatingIfNeeded: number)]
    }

    private func number(_ octets: [UInt8], _ offset: Int) -> Int { Int(octets[offset]) << 8 | Int(octets[offset + 1]) }

    /// The one's complement sum (RFC 1071).
    private func sum(_ octets: ArraySlice<UInt8>) -> Int {
        var sum = 0
        for (index, octet) in octets.enumerated() { sum += Int(octet) << (index % 2 == 0 ? 8 : 0) }
        while sum > 0xffff { sum = sum >> 16 + sum & 0xffff }
        return sum
    }
}
