import Glibc
import Testing
import VmnetSystem
import VmnetWire

@testable import VmnetNAT

@Suite struct BacklogTests {
    /// The byte at a place of the stream.
    private func byte(_ place: Int) -> UInt8 { UInt8(truncatingIfNeeded: place / 251 ^ place / 65521) }

    @Test func `bytes come out as they went in, around the end of the ring, until it is full to the last`() throws {
        let backlog = try #require(Backlog(byteCount: 65_536))
        var ends: [Int32] = [-1, -1]
        // Safety: the kernel writes two descriptors.
        try #require(unsafe socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0, &ends) == 0)
        let (sender, receiver) = (ends[0], HostSocket(adopting: ends[1]))
        defer { close(sender) }
        var (written, read) = (0, 0)
        while read < 10 * backlog.byteCount {
            let more = min(20_011, backlog.byteCount - backlog.count)
            let bytes = (written..<(written + more)).map(byte)
            backlog.append(bytes.span)
            written += more
            guard backlog.count == backlog.byteCount else { continue }
            // The rest stays, so that the next round begins elsewhere.
            while backlog.count > 4999, case .moved = backlog.send(to: sender) {}
            while let received = receiver.receive(), !received.isEmpty {
                #expect(received.elementsEqual((read..<(read + received.count)).map(byte)))
                read += received.count
            }
        }
        #expect(written - read == backlog.count)
    }

    @Test func `memory that nothing was written to has no pages`() throws {
        let backlog = try #require(Backlog(byteCount: 65_536))
        #expect(!backlog.isWritten)
        let bytes: [UInt8] = [1]
        backlog.append(bytes.span)
        #expect(backlog.isWritten && backlog.count == 1)
        backlog.removeAll()
        #expect(backlog.isWritten && backlog.isEmpty)
    }
}
