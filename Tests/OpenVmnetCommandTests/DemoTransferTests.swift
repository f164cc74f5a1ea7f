import Testing
import VmnetControl
import VmnetSystem
import VmnetWire

@testable import openvmnet

/// The demo's server and client, on the host's loopback: everything but the network between them.
@Suite struct DemoTransferTests {
    /// A bit more than three blocks, so that the last one is short.
    private static let byteCount = 3 * DemoPayload.blockByteCount + 5

    private static func withServer(_ body: (DemoClient) throws -> Void) throws {
        let server = try DemoServer(byteCount: byteCount)
        let serving = try SystemThread(name: "test-server") { server.run() }
        let result = Result { try body(DemoClient(server: .loopback, port: server.port) { _, _ in }) }
        server.stop()
        serving.join()
        try result.get()
    }

    private static var digest: String {
        var payload = DemoPayload(byteCount: byteCount)
        return payload.sha256()
    }

    @Test func `what is downloaded has the digest of the payload`() throws {
        try Self.withServer { client in
            let transfer = try client.download()
            #expect(transfer.direction == .download)
            #expect(transfer.byteCount == Self.byteCount)
            #expect(transfer.seconds > 0)
            #expect(transfer.sha256 == Self.digest)
        }
    }

    @Test func `what is uploaded has the same digest where it arrives`() throws {
        try Self.withServer { client in
            let transfer = try client.upload(byteCount: Self.byteCount)
            #expect(transfer.direction == .upload)
            #expect(transfer.sha256 == Self.digest)
            #expect(try client.upload(byteCount: Self.byteCount - 1).sha256 != Self.digest)
        }
    }

    @Test func `a client that breaks off does not keep the next one from being served`() throws {
        try Self.withServer { client in
            for request in ["", "GET", "GET / HTTP/1.1\r\n\r\n", "PUT / HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"] {
                let socket = try BlockingSocket.connect(
                    to: IPv4Address.loopback.bits, port: client.port, timeout: .seconds(5))
                try socket.send(Array(request.utf8).span)
            }
            #expect(try client.download().sha256 == Self.digest)
        }
    }

    @Test func `an unknown method is refused`() throws {
        try Self.withServer { client in
            var connection = try HTTPConnection(
                BlockingSocket.connect(to: IPv4Address.loopback.bits, port: client.port, timeout: .seconds(5)))
            try connection.send(HTTPMessage("DELETE / HTTP/1.1"))
            #expect(try connection.receiveHead().startLine == "HTTP/1.1 405 Method Not Allowed")
        }
    }

    @Test func `a server that is not there is an error with a sentence`() throws {
        let port: UInt16
        do {
            let listener = try BlockingSocket.listenOnLoopback()
            port = try listener.port
        }
        let client = DemoClient(server: .loopback, port: port) { _, _ in }
        #expect(throws: HTTPError.system("cannot connect to port \(port): Connection refused")) {
            try client.download()
        }
    }

    @Test func `two payloads differ when two of their blocks are exchanged`() {
        var payload = DemoPayload(byteCount: 2 * DemoPayload.blockByteCount)
        var blocks: [[UInt8]] = []
        payload.forEachBlock { blocks.append([UInt8](copying: $0)) }
        #expect(blocks.count == 2)
        #expect(blocks[0] != blocks[1])
    }

    @Test func `the digest is SHA-256`() {
        // FIPS 180-2, appendix B.1.
        var digest = SHA256()
        digest.update(Array("abc".utf8).span)
        #expect(digest.finish() == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    }

    @Test func `no progress is reported after the end, and some before it`() throws {
        let server = try DemoServer(byteCount: Self.byteCount)
        let serving = try SystemThread(name: "test-server") { server.run() }
        var counts: [Int] = []
        _ = try withoutActuallyEscaping({ (_: DemoTransfer.Direction, count: Int) in counts.append(count) }) { report in
            try DemoClient(server: .loopback, port: server.port, report: report).download()
        }
        server.stop()
        serving.join()
        #expect(!counts.isEmpty)
        #expect(counts == counts.sorted())
        #expect(counts.allSatisfy { (1...Self.byteCount).contains($0) })
    }
}
