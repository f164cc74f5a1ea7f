import Glibc
import Testing
import VmnetSystem

@Suite struct LogStreamTests {
    @Test func `a pipe that nobody reads costs lines, which are counted, and never blocks`() async {
        // In a process of its own, whose standard error it is.
        await #expect(processExitsWith: .success) {
            let pair = try Socket.pair(.stream)
            try pair.first.setNonBlocking(false)
            let own = dup(STDERR_FILENO)
            dup2(pair.first.raw, STDERR_FILENO)
            var stream = LogStream()
            let line = String(repeating: "x", count: 999) + "\n"
            for _ in 0..<10_000 { stream.write(line) }
            var count = 0
            while case let bytes = Self.read(pair.second.raw), !bytes.isEmpty { count += bytes.count }
            stream.write("last\n")
            let last = Self.read(pair.second.raw)
            dup2(own, STDERR_FILENO)
            #expect(count > 0 && count % 1000 == 0)
            let dropped = 10_000 - count / 1000
            #expect(last == "openvmnet: \(dropped) lines of the log were dropped: nobody was reading\nlast\n")
        }
    }

    private static func read(_ raw: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 1 << 20)
        var room = bytes.mutableSpan
        guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return "" }
        return String(decoding: bytes[..<count], as: UTF8.self)
    }
}
