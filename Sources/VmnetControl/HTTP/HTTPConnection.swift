import SystemPackage
package import VmnetSystem

/// One end of a connection that carries one request and one response.
package struct HTTPConnection: ~Copyable {
    private let socket: BlockingSocket
    private var buffer: [UInt8]
    /// What came in one piece with the head.
    private var leftover: [UInt8] = []

    /// Time enough for a network that is busy.
    package static let timeout = Duration.seconds(30)

    /// - Parameters:
    ///   - timeout: without progress for this long, the exchange is given up.
    ///   - pieceByteCount: of what is received at once.
    package init(
        _ socket: consuming BlockingSocket, timeout: Duration = HTTPConnection.timeout, pieceByteCount: Int = 256 << 10
    ) throws(HTTPError) {
        do {
            try socket.setTimeout(timeout)
        } catch {
            throw .system("\(error)")
        }
        self.socket = socket
        buffer = [UInt8](repeating: 0, count: pieceByteCount)
    }

    package borrowing func send(_ head: HTTPMessage) throws(HTTPError) {
        try send(head.bytes.span)
    }

    package borrowing func send(_ bytes: Span<UInt8>) throws(HTTPError) {
        do {
            try socket.send(bytes)
        } catch {
            throw error.errno == .wouldBlock ? .timedOut : .system("\(error)")
        }
    }

    package mutating func receiveHead() throws(HTTPError) -> HTTPMessage {
        var bytes: [UInt8] = []
        while true {
            if let (head, byteCount) = try HTTPMessage.parse(bytes) {
                leftover = Array(bytes[byteCount...])
                return head
            }
            let count = try receivePiece()
            bytes += buffer[..<count]
        }
    }

    /// Hands out the body piece by piece.
    package mutating func receiveBody(byteCount: Int, _ body: (Span<UInt8>) -> Void) throws(HTTPError) {
        let first = min(leftover.count, byteCount)
        if first > 0 { body(leftover.span.extracting(first: first)) }
        var done = first
        while done < byteCount {
            let count: Int
            do {
                count = min(try receivePiece(), byteCount - done)
            } catch .ended {
                throw .ended(afterByteCount: done)
            }
            body(buffer.span.extracting(first: count))
            done += count
        }
    }

    /// At least one byte, at the start of the buffer.
    private mutating func receivePiece() throws(HTTPError) -> Int {
        let count: Int?
        do {
            count = try socket.receive(into: &buffer)
        } catch {
            throw .system("\(error)")
        }
        guard let count else { throw .timedOut }
        guard count > 0 else { throw .ended(afterByteCount: 0) }
        return count
    }
}
