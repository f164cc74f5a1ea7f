import SystemPackage
import VmnetSystem

/// One end of a connection that carries one request and one response.
struct HTTPConnection: ~Copyable {
    private let socket: BlockingSocket
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)
    /// What came in one piece with the head.
    private var leftover: [UInt8] = []

    /// Without progress for this long, the exchange is given up.
    static let timeout = Duration.seconds(30)

    init(_ socket: consuming BlockingSocket) throws(HTTPError) {
        do {
            try socket.setTimeout(Self.timeout)
        } catch {
            throw .system("\(error)")
        }
        self.socket = socket
    }

    borrowing func send(_ head: HTTPMessage) throws(HTTPError) {
        try send(head.bytes.span)
    }

    borrowing func send(_ bytes: Span<UInt8>) throws(HTTPError) {
        do {
            try socket.send(bytes)
        } catch {
            throw error.errno == .wouldBlock ? .timedOut : .system("\(error)")
        }
    }

    mutating func receiveHead() throws(HTTPError) -> HTTPMessage {
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
    mutating func receiveBody(byteCount: Int, _ body: (Span<UInt8>) -> Void) throws(HTTPError) {
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
