import Glibc
import Testing
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// A process of its own whose /etc/resolv.conf names 127.0.0.77.
private enum FakeResolver {
    static let address: UInt32 = 0x7f00_004d

    /// Whether this process may mount.
    static var isPossible: Bool {
        // Safety: a C string, lent for the call.
        let file = unsafe open("/proc/self/status", O_RDONLY)
        guard file >= 0 else { return false }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: 8192)
        // Safety: the kernel writes at most as many bytes as there are.
        let count = unsafe read(file, &bytes, bytes.count)
        let lines = String(decoding: bytes.prefix(max(0, count)), as: UTF8.self).split(separator: "\n")
        guard let line = lines.first(where: { $0.hasPrefix("CapEff:") }),
            let capabilities = UInt64(line.dropFirst(7).filter { !$0.isWhitespace }, radix: 16)
        else { return false }
        let needed: UInt64 = 1 << 21 | 1 << 10  // CAP_SYS_ADMIN, CAP_NET_BIND_SERVICE
        return capabilities & needed == needed
    }

    /// Gives the calling thread the file, for good.
    static func install() throws {
        var path = Array("/tmp/resolv.XXXXXX".utf8CString)
        // Safety: the template is a C string of this function's own.
        let file = unsafe mkstemp(&path)
        let text = Array("nameserver 127.0.0.77\n".utf8)
        precondition(unsafe write(file, text, text.count) == text.count)
        close(file)
        try Namespace.unshare(.mount)
        // Safety: C strings, lent for the calls.
        precondition(unsafe mount("none", "/", nil, UInt(MS_REC | MS_PRIVATE), nil) == 0)
        precondition(unsafe mount(path, "/etc/resolv.conf", nil, UInt(MS_BIND), nil) == 0)
        precondition(unsafe unlink(path) == 0)
    }
}

extension LibraryTests {
    /// DNS at the gateway's address, through libslirp to the host's resolver.
    @Suite(.enabled(if: FakeResolver.isPossible)) struct ResolverTests {
        @Test(arguments: [true, false])
        func `a query over UDP is answered by the gateway`(allowsHostLoopback: Bool) async {
            await #expect(processExitsWith: .success) { [allowsHostLoopback] in
                try FakeResolver.install()
                let resolver = HostSocket.datagram(on: FakeResolver.address, port: 53)
                let guest = try Guest { $0.allowsHostLoopback = allowsHostLoopback }
                let query: [UInt8] = [0x12, 0x34, 1, 0, 0, 1]
                for port in UInt16(1025)...1027 {
                    let frame = guest.builder.udp(from: guest.endpoint(port), to: "192.168.64.1:53", payload: query)
                    precondition(guest.send(frame) == nil)
                    precondition(resolver.echoDatagram() == query)
                    guard let reply = guest.await(Packet.init), let (header, data) = reply.udp else {
                        preconditionFailure("no answer")
                    }
                    precondition(reply.header.source == Guest.gateway)
                    precondition(header.sourcePort == 53 && header.destinationPort == port && data == query)
                }
            }
        }

        @Test func `a query over TCP is answered by the gateway`() async {
            await #expect(processExitsWith: .success) {
                try FakeResolver.install()
                let resolver = HostSocket.listener(on: FakeResolver.address, port: 53)
                let guest = try Guest { $0.allowsHostLoopback = false }
                let connection = Connection(guest, from: 1025, to: Endpoint(Guest.gateway, 53))
                precondition(connection.open())
                var accepted: HostSocket?
                guest.run {
                    accepted = resolver.accept()
                    return accepted != nil
                }
                guard let server = accepted else { preconditionFailure("no connection") }
                let query = [UInt8](repeating: 5, count: 4000)
                for offset in stride(from: 0, to: query.count, by: 1000) {
                    connection.send(Array(query[offset..<(offset + 1000)]))
                }
                var received: [UInt8] = []
                guest.run {
                    received += server.receive() ?? []
                    return received.count >= query.count
                }
                precondition(received == query)
                server.send(query)
                precondition(connection.run { connection.received == query })
            }
        }

        @Test func `an error from a dead resolver quotes the guest's own query`() async {
            await #expect(processExitsWith: .success) {
                try FakeResolver.install()
                let guest = try Guest()
                let frame = guest.builder.udp(from: guest.endpoint(1025), to: "192.168.64.1:53", payload: [1, 2, 3])
                precondition(guest.send(frame) == nil)
                guard let reply = guest.await(Packet.init), let (header, quoted) = reply.icmp else {
                    preconditionFailure("no error")
                }
                precondition(header.type == 3 && header.code == 3)
                // The host says where the datagram went and what was in it, not its hop limit and checksum.
                precondition(quoted[12..<26].elementsEqual(frame[26..<40]) && quoted[28...].elementsEqual(frame[42...]))
            }
        }

        @Test func `nothing else is behind the gateway's port`() async {
            await #expect(processExitsWith: .success) {
                try FakeResolver.install()
                let service = HostSocket.datagram(on: INADDR_LOOPBACK, port: 53)
                let guest = try Guest()
                let frame = guest.builder.udp(from: guest.endpoint(1025), to: "192.168.64.1:53", payload: [1])
                precondition(guest.send(frame) == nil)
                precondition(service.receive() == nil)
                // The alias itself is closed to the guest.
                let alias = guest.builder.udp(from: guest.endpoint(1025), to: "192.168.64.0:53", payload: [1])
                precondition(guest.send(alias) == .prohibited)
            }
        }
    }
}
