package import OpenVmnet
import SystemPackage
package import VmnetSystem
import VmnetWire

/// Asks a network that runs in another process, through its control socket. Every call waits for the answer.
package struct ControlClient: Sendable {
    /// A network answers within milliseconds; one that has been stopped (SIGSTOP) does not.
    private static let timeout = Duration.seconds(10)

    /// The control socket.
    package let path: String
    private let timeout: Duration

    package init(path: String) {
        self.init(path: path, timeout: Self.timeout)
    }

    init(path: String, timeout: Duration) {
        self.path = path
        self.timeout = timeout
    }

    /// The network and its guests.
    package func status() throws(VmnetError) -> StatusDocument { try ask("GET", "/v1/status") }

    /// The network's leases, ended ones that are remembered included.
    package func leases() throws(VmnetError) -> LeasesDocument { try ask("GET", "/v1/leases") }

    /// The network's port forwards.
    package func forwards() throws(VmnetError) -> ForwardsDocument { try ask("GET", "/v1/forwards") }

    /// Adds a port forward; returns it with the port that it really has.
    package func addForward(_ forward: PortForward) throws(VmnetError) -> ForwardDocument {
        try ask("POST", "/v1/forwards", encoded(ForwardRequest(forward: "\(forward)")))
    }

    /// Removes the port forward with the same host side; returns how it stood.
    package func removeForward(_ forward: PortForward) throws(VmnetError) -> ForwardDocument {
        try ask("DELETE", "/v1/forwards/" + Self.percentEncoded("\(forward)"))
    }

    /// Attaches the guest behind a connected socket or a TAP; the network gets a duplicate of the descriptor.
    package func attach(
        _ descriptor: borrowing Descriptor, _ request: AttachRequest
    ) throws(VmnetError) -> AttachedGuest {
        let connection = try AttachConnection(path: ControlPath.attachSocket(beside: path), timeout: timeout)
        return try connection.attach(descriptor, request)
    }

    /// One exchange. What the network refuses is thrown in its own words.
    private func ask<Document: Decodable>(
        _ method: String, _ target: String, _ request: [UInt8] = []
    ) throws(VmnetError) -> Document {
        let head = HTTPMessage("\(method) \(target) HTTP/1.1", contentLength: request.count)
        let (status, body) = try exchange(head, request)
        guard (200..<300).contains(status) else {
            if let refusal = try? ControlJSON.decode(ErrorDocument.self, from: body) { throw Self.error(refusal) }
            throw VmnetError(.system, "the network at \(path) answered \(method) \(target) with \(status)")
        }
        return try decoded(body)
    }

    private func exchange(_ request: HTTPMessage, _ content: [UInt8]) throws(VmnetError) -> (status: Int, body: [UInt8])
    {
        let socket = try connect()
        do throws(HTTPError) {
            var connection = try HTTPConnection(socket, timeout: timeout, pieceByteCount: 64 << 10)
            try connection.send(request)
            if !content.isEmpty { try connection.send(content.span) }
            let head = try connection.receiveHead()
            var body: [UInt8] = []
            try connection.receiveBody(byteCount: head.contentLength) { body += [UInt8](copying: $0) }
            // "HTTP/1.1 200 OK"
            return (Int(head.startLine.split(separator: " ").dropFirst().first ?? "") ?? 0, body)
        } catch {
            throw VmnetError(.system, "the network at \(path) did not answer: \(error)")
        }
    }

    private func decoded<Document: Decodable>(_ bytes: [UInt8]) throws(VmnetError) -> Document {
        do {
            return try ControlJSON.decode(Document.self, from: bytes)
        } catch {
            throw VmnetError(
                .system, "what the network at \(path) answered is not understood",
                hint: "is it one of another version? restart it with this one")
        }
    }

    /// What stands for itself in a path is left as it is (RFC 3986, 3.3).
    static func percentEncoded(_ text: String) -> String {
        text.utf8.map { byte in
            let scalar = Unicode.Scalar(byte)
            let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
            return isPlain || "-._~:/".unicodeScalars.contains(scalar)
                ? String(scalar) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }.joined()
    }

    private func encoded(_ request: some Encodable) -> [UInt8] {
        // No request holds a number that JSON lacks.
        (try? ControlJSON.encode(request)) ?? []
    }

    private func connect() throws(VmnetError) -> BlockingSocket {
        do throws(SystemError) {
            return try BlockingSocket.connect(.stream, to: path, timeout: timeout)
        } catch {
            guard error.errno == .noSuchFileOrDirectory || error.errno == .connectionRefused else {
                throw VmnetError(error)
            }
            throw VmnetError(.notRunning, "no network runs at \(path)", hint: "openvmnet networks lists those that run")
        }
    }

    private static func error(_ refusal: ErrorDocument) -> VmnetError {
        VmnetError(.refused, refusal.error.message, hint: refusal.error.hint)
    }
}
