import VmnetControl
import VmnetSystem
import VmnetWire

/// The guest's side of the transfers.
struct DemoClient {
    let server: IPv4Address
    let port: UInt16
    /// Called about ten times a second, with what has moved so far.
    let report: (DemoTransfer.Direction, _ byteCount: Int) -> Void

    /// Fetches the payload and computes its digest as it comes.
    func download() throws(HTTPError) -> DemoTransfer {
        let start = ContinuousClock.now
        var connection = try connect()
        try connection.send(HTTPMessage("GET / HTTP/1.1"))
        let head = try Self.success(try connection.receiveHead())
        var digest = SHA256()
        var progress = Progress(.download, report)
        try connection.receiveBody(byteCount: head.contentLength) { piece in
            digest.update(piece)
            progress.add(piece.count)
        }
        return DemoTransfer(
            direction: .download, byteCount: progress.byteCount, seconds: start.secondsAgo, sha256: digest.finish())
    }

    /// Sends the same payload; the digest is what the host computed of what arrived there.
    func upload(byteCount: Int) throws(HTTPError) -> DemoTransfer {
        let start = ContinuousClock.now
        var connection = try connect()
        try connection.send(HTTPMessage("PUT / HTTP/1.1", contentLength: byteCount))
        var payload = DemoPayload(byteCount: byteCount)
        var progress = Progress(.upload, report)
        try payload.forEachBlock { block throws(HTTPError) in
            try connection.send(block)
            progress.add(block.count)
        }
        let head = try Self.success(try connection.receiveHead())
        guard head.contentLength == 64 else { throw .malformed("\(head.contentLength) bytes instead of a digest") }
        var digest: [UInt8] = []
        try connection.receiveBody(byteCount: 64) { digest += [UInt8](copying: $0) }
        return DemoTransfer(
            direction: .upload, byteCount: progress.byteCount, seconds: start.secondsAgo,
            sha256: String(decoding: digest, as: UTF8.self))
    }

    private func connect() throws(HTTPError) -> HTTPConnection {
        do {
            return try HTTPConnection(
                BlockingSocket.connect(to: server.bits, port: port, timeout: HTTPConnection.timeout))
        } catch let error as SystemError {
            throw .system("\(error)")
        } catch let error as HTTPError {
            throw error
        } catch {
            throw .system("\(error)")
        }
    }

    private static func success(_ head: HTTPMessage) throws(HTTPError) -> HTTPMessage {
        guard head.startLine.hasPrefix("HTTP/1.1 200 ") else { throw .malformed("the answer \"\(head.startLine)\"") }
        return head
    }
}

/// Counts bytes and reports them at a bounded rate.
private struct Progress {
    let direction: DemoTransfer.Direction
    let report: (DemoTransfer.Direction, Int) -> Void
    private(set) var byteCount = 0
    private var next = ContinuousClock.now

    init(_ direction: DemoTransfer.Direction, _ report: @escaping (DemoTransfer.Direction, Int) -> Void) {
        self.direction = direction
        self.report = report
    }

    mutating func add(_ count: Int) {
        byteCount += count
        let now = ContinuousClock.now
        guard now >= next else { return }
        next = now + .milliseconds(100)
        report(direction, byteCount)
    }
}

extension ContinuousClock.Instant {
    /// How long this was ago.
    var secondsAgo: Double { (self.duration(to: .now)).inSeconds }
}

extension Duration {
    var inSeconds: Double { Double(components.seconds) + Double(components.attoseconds) / 1e18 }
    /// To the microsecond: what is below is noise.
    var inMilliseconds: Double { (inSeconds * 1e6).rounded() / 1000 }
}
