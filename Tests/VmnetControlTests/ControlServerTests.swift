import Glibc
import OpenVmnet
import Testing
import VmnetControl
import VmnetSystem

/// The control socket, by its client and by whoever speaks HTTP.
@Suite struct ControlServerTests {
    private let control: RunningControl

    init() throws {
        control = try RunningControl()
    }

    private func request(_ line: String, headers: [String] = [], body: String = "") -> String {
        let fields = ["Host: localhost", "Connection: close"] + headers
        return "\(line) HTTP/1.1\r\n" + fields.map { "\($0)\r\n" }.joined() + "\r\n\(body)"
    }

    @Test func `a network says what it is`() throws {
        let status = try control.client.status()
        #expect(status.version == 1 && status.name == "lab" && status.mode == "shared" && status.pid == getpid())
        #expect(status.startAddress == "10.78.0.1" && status.endAddress == "10.78.0.20" && status.mtu == 1500)
        #expect(status.control == control.path && status.attach == control.attachPath)
        #expect(status.guests == 0 && status.ports.isEmpty)
        #expect(try control.client.leases().leases.isEmpty)
    }

    @Test(arguments: [
        ("GET /v1/status", "200 OK"), ("HEAD /v1/status", "200 OK"), ("GET /v1/status?x=1", "200 OK"),
        ("GET /v1/ports", "200 OK"), ("GET /v1/leases", "200 OK"), ("GET /v1/forwarding", "200 OK"),
        ("GET /metrics", "200 OK"), ("GET /", "404 Not Found"), ("GET /v1/status/", "404 Not Found"),
        ("POST /v1/status", "405 Method Not Allowed"), ("GET /v1/ports/1", "405 Method Not Allowed"),
        ("DELETE /v1/ports/1", "404 Not Found"), ("DELETE /v1/ports/x", "400 Bad Request"),
        ("DELETE /v1/ports/%2e%2e", "400 Bad Request"),
        ("GET /v1/forwards", "200 OK"), ("PUT /v1/forwards", "405 Method Not Allowed"),
        ("POST /v1/forwards", "400 Bad Request"), ("GET /v1/forwards/tcp:1:2", "405 Method Not Allowed"),
        ("DELETE /v1/forwards/tcp:1:2", "404 Not Found"), ("DELETE /v1/forwards/pigeon:1", "400 Bad Request"),
    ])
    func `a request has its status`(line: String, status: String) throws {
        let response = try control.exchange(request(line))
        #expect(response.hasPrefix("HTTP/1.1 \(status)\r\n"), "\(response)")
    }

    @Test func `an error says what was wrong and what to do`() throws {
        let response = try control.exchange(request("DELETE /v1/ports/seven"))
        #expect(response.contains("Content-Type: application/json\r\n"))
        #expect(
            response.hasSuffix(
                #"{"error":{"hint":"GET /v1/ports says what there is, by id","message":"'seven' is not a port"},"version":1}"#
            ))
        #expect(try control.exchange(request("PUT /metrics")).contains("\r\nAllow: GET, HEAD\r\n"))
    }

    @Test func `metrics have the content type of their format`() throws {
        let response = try control.exchange(request("GET /metrics"))
        #expect(response.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"))
        #expect(response.contains("\nopenvmnet_network_guests{network=\"lab\"} 0\n"))
    }

    @Test func `a body that is too long is refused`() throws {
        let body = String(repeating: "x", count: (64 << 10) + 1)
        let response = try control.exchange(
            request("POST /v1/status", headers: ["Content-Length: \(body.utf8.count)"], body: body))
        #expect(response.hasPrefix("HTTP/1.1 413 "), "\(response)")
    }

    @Test func `a head that is too long, or none, ends the connection`() throws {
        for text in [String(repeating: "x", count: 100_000), "\u{16}\u{3}\u{1}\r\n\r\n", "GET\r\n\r\n"] {
            // What the server does not read any more may end the sending.
            let response = (try? control.exchange(text)) ?? ""
            #expect(response.isEmpty || response.hasPrefix("HTTP/1.1 4"), "\(response)")
        }
        #expect(try control.client.status().name == "lab")
    }

    @Test func `forwards are added, listed and removed`() throws {
        // A port that the kernel chooses, so that it is free.
        let added = try control.client.addForward(PortForward("tcp:0:52:54:00:12:34:56:80"))
        #expect(added.forward.hasPrefix("tcp:127.0.0.1:") && !added.forward.hasPrefix("tcp:127.0.0.1:0:"))
        #expect(added.guest == nil && added.waiting != nil)
        #expect(try control.client.forwards().forwards == [added])
        #expect(try control.client.status().forwards == [added])
        let again = try PortForward(added.forward)
        do throws(VmnetError) {
            _ = try control.client.addForward(again)
            Issue.record("taken twice")
        } catch {
            #expect(error.code == .refused && error.message.contains(added.forward), "\(error)")
        }
        let body = #"{"forward":"\#(added.forward)"}"#
        let response = try control.exchange(
            request("POST /v1/forwards", headers: ["Content-Length: \(body.utf8.count)"], body: body))
        #expect(response.hasPrefix("HTTP/1.1 409 Conflict\r\n"), "\(response)")
        #expect(try control.client.removeForward(again) == added)
        #expect(try control.client.forwards().forwards.isEmpty)
    }

    @Test func `a forward of a path with odd characters is found to be removed`() throws {
        let path = control.file("a b%41?#[ü]")
        let added = try control.client.addForward(PortForward("unix:\(path):80"))
        #expect(added.forward == "unix:\(path):80")
        #expect(try control.client.removeForward(PortForward(added.forward)) == added)
    }

    @Test func `clients that say nothing keep nobody waiting`() throws {
        let idlers = try (0..<100).map { number in
            let idler = Idler(try Socket.connect(.stream, to: control.path))
            // Some have begun to speak.
            if number % 2 == 0 { idler.say("GET /v1/st") }
            return idler
        }
        for _ in 0..<10 { #expect(try control.client.status().name == "lab") }
        withExtendedLifetime(idlers) {}
    }

    @Test func `both sockets are this user's only, and go with the server`() throws {
        #expect(control.files == ["lab.attach", "lab.control"])
        for path in [control.path, control.attachPath] { #expect(File.permissions(path) == 0o600) }
        control.stop()
        #expect(control.files == [])
        #expect(throws: VmnetError.self) { try control.client.status() }
    }

    @Test func `a second server does not take the sockets of a first that runs`() throws {
        #expect(throws: VmnetError.self) {
            try ControlServer(ControlledNetwork(control.network, listen: [], control: control.path))
        }
        #expect(try control.client.status().name == "lab")
    }

    /// A connection as an object, for a list of them.
    private final class Idler {
        let socket: Descriptor

        init(_ socket: consuming Descriptor) {
            self.socket = socket
        }

        func say(_ text: String) {
            let bytes = Array(text.utf8)
            _ = Socket.send(socket.raw, bytes.span)
        }
    }
}
