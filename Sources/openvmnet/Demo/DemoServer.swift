import VmnetControl
import VmnetSystem

/// The host's side of the demo: an HTTP server on 127.0.0.1 that gives the payload and takes it back.
///
/// It lives in a thread of its own, handles one connection after the other and reports to nobody: the guest hears from
/// it what it got.
final class DemoServer: Sendable {
    /// The port on 127.0.0.1.
    let port: UInt16
    private let listener: BlockingSocket
    private let byteCount: Int

    init(byteCount: Int) throws(SystemError) {
        listener = try BlockingSocket.listenOnLoopback()
        port = try listener.port
        self.byteCount = byteCount
    }

    /// Serves until `stop`, on the calling thread.
    func run() {
        while let client = try? listener.accept() {
            // A client that breaks off has seen for itself that it failed.
            try? serve(client)
        }
    }

    func stop() {
        listener.shutDown()
    }

    private func serve(_ client: consuming BlockingSocket) throws(HTTPError) {
        var connection = try HTTPConnection(client)
        let request = try connection.receiveHead()
        switch request.startLine.prefix(while: { $0 != " " }) {
        case "GET":
            try connection.send(HTTPMessage("HTTP/1.1 200 OK", contentLength: byteCount))
            var payload = DemoPayload(byteCount: byteCount)
            try payload.forEachBlock { block throws(HTTPError) in try connection.send(block) }
        case "PUT":
            let digest = try Self.digest(ofBody: request.contentLength, on: &connection)
            try connection.send(HTTPMessage("HTTP/1.1 200 OK", contentLength: digest.utf8.count))
            try connection.send(Array(digest.utf8).span)
        default:
            try connection.send(HTTPMessage("HTTP/1.1 405 Method Not Allowed"))
        }
    }

    private static func digest(
        ofBody byteCount: Int, on connection: inout HTTPConnection
    ) throws(HTTPError) -> String {
        var digest = SHA256()
        try connection.receiveBody(byteCount: byteCount) { digest.update($0) }
        return digest.finish()
    }
}
