import CMicrohttpd
import Glibc
import SystemPackage
import VmnetSystem

/// HTTP/1.1 over connections that somebody else has accepted, by libmicrohttpd, which never blocks. For one thread.
///
/// Why this library: it takes connections from our own listening socket, bounds what a client may send before it is
/// understood, and loads no Foundation. What it does is done in `run`.
@safe struct HTTPDaemon: ~Copyable {
    /// Enough for everybody who watches a network; more wait in the socket's backlog.
    private static let mostConnections = 256
    /// For the head of a request, and for sending.
    private static let bytesPerConnection = 16 << 10
    /// A client that says nothing for so long is hung up on.
    private static let idleSeconds: UInt32 = 15

    // Safety: made in init, stopped in deinit; the context outlives it.
    private let daemon: OpaquePointer
    private let context: Unmanaged<HTTPContext>

    /// - Parameter answer: called within `run`, once for each request.
    init(answer: @escaping (HTTPRequest) -> HTTPResponse) throws(SystemError) {
        // Safety: released in deinit, or here.
        let context = unsafe Unmanaged.passRetained(HTTPContext(answer: answer))
        let started = unsafe ovn_http_start(
            handleRequest, completeRequest, context.toOpaque(), UInt32(Self.mostConnections), Self.bytesPerConnection,
            Self.idleSeconds)
        guard let daemon = unsafe started else {
            unsafe context.release()
            throw SystemError("start the control server", .noMemory)
        }
        unsafe self.daemon = daemon
        unsafe self.context = context
    }

    deinit {
        unsafe MHD_stop_daemon(daemon)
        unsafe context.release()
    }

    /// An epoll set, readable when there is something for `run` to do.
    var descriptor: Int32 { unsafe ovn_http_epoll(daemon) }

    /// How many more connections it can take.
    var room: Int { Self.mostConnections - Int(unsafe ovn_http_connections(daemon)) }

    /// Takes over a connection; it is closed at once if that cannot be.
    borrowing func add(_ connection: consuming Descriptor) {
        var address = sockaddr()
        address.sa_family = sa_family_t(AF_UNIX)
        // Safety: the address is copied during the call. The daemon closes the descriptor, also when it refuses it.
        _ = unsafe MHD_add_connection(
            daemon, connection.release(), &address, socklen_t(MemoryLayout<sa_family_t>.size))
    }

    /// When `run` is to be called though the descriptor is not readable; nil: not at all.
    var timeout: Duration? {
        var milliseconds: UInt64 = 0
        // Safety: one number is written.
        guard unsafe MHD_get_timeout(daemon, &milliseconds) == .YES else { return nil }
        return .milliseconds(milliseconds)
    }

    /// Does what can be done without waiting.
    borrowing func run() {
        _ = unsafe MHD_run(daemon)
    }
}

/// What the daemon's callbacks know.
private final class HTTPContext {
    let answer: (HTTPRequest) -> HTTPResponse

    init(answer: @escaping (HTTPRequest) -> HTTPResponse) {
        self.answer = answer
    }
}

/// The body of a request as it arrives.
private final class HTTPUpload {
    /// The longest body there is use for.
    static let maximumByteCount = 64 << 10

    var bytes: [UInt8] = []
    /// The rest of a longer one is read and forgotten.
    var isTooLong = false

    func append(_ piece: UnsafeRawBufferPointer) {
        isTooLong = isTooLong || bytes.count + piece.count > Self.maximumByteCount
        if !isTooLong { unsafe bytes.append(contentsOf: piece) }
    }
}

/// libmicrohttpd's MHD_AccessHandlerCallback: called with the head, with each piece of the body, and at the end.
private func handleRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?, _ url: UnsafePointer<CChar>?,
    _ method: UnsafePointer<CChar>?, _ version: UnsafePointer<CChar>?, _ piece: UnsafePointer<CChar>?,
    _ pieceByteCount: UnsafeMutablePointer<Int>?, _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?
) -> MHD_Result {
    // Safety: all pointers are valid for the call. The context is the daemon's, the request's place is ours, and holds
    // what the first call put there until `completeRequest`.
    guard let context = unsafe context, let url = unsafe url, let method = unsafe method, let request = unsafe request,
        let pieceByteCount = unsafe pieceByteCount
    else { return .NO }
    guard let known = unsafe request.pointee else {
        unsafe request.pointee = unsafe Unmanaged.passRetained(HTTPUpload()).toOpaque()
        return .YES
    }
    let upload = unsafe Unmanaged<HTTPUpload>.fromOpaque(known).takeUnretainedValue()
    if unsafe pieceByteCount.pointee > 0 {
        unsafe upload.append(UnsafeRawBufferPointer(start: piece, count: pieceByteCount.pointee))
        unsafe pieceByteCount.pointee = 0
        return .YES
    }
    let answer = unsafe Unmanaged<HTTPContext>.fromOpaque(context).takeUnretainedValue().answer
    let response =
        upload.isTooLong
        ? .error(413, "the body is longer than \(HTTPUpload.maximumByteCount) bytes")
        : answer(
            HTTPRequest(method: unsafe String(cString: method), path: unsafe String(cString: url), body: upload.bytes))
    return unsafe queue(response, on: connection)
}

/// libmicrohttpd's MHD_RequestCompletedCallback.
private func completeRequest(
    _ context: UnsafeMutableRawPointer?, _ connection: OpaquePointer?,
    _ request: UnsafeMutablePointer<UnsafeMutableRawPointer?>?, _ reason: MHD_RequestTerminationCode
) {
    // Safety: what `handleRequest` put there, released once.
    guard let request = unsafe request, let upload = unsafe request.pointee else { return }
    unsafe Unmanaged<HTTPUpload>.fromOpaque(upload).release()
    unsafe request.pointee = nil
}

private func queue(_ response: HTTPResponse, on connection: OpaquePointer?) -> MHD_Result {
    var body = response.body
    // Safety: the body is copied during the call, and the response is freed when it has been sent.
    let made = unsafe body.withUnsafeMutableBytes {
        unsafe MHD_create_response_from_buffer($0.count, $0.baseAddress, .RESPMEM_MUST_COPY)
    }
    guard let made = unsafe made else { return .NO }
    defer { unsafe MHD_destroy_response(made) }
    unsafe MHD_add_response_header(made, "Content-Type", response.contentType)
    if let allow = response.allow { unsafe MHD_add_response_header(made, "Allow", allow) }
    return unsafe MHD_queue_response(connection, response.status, made)
}
