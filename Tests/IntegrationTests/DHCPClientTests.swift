import TAPGuest
import Testing

extension Integration {
    /// Debian's DHCP clients understand the leases, and the network is whole over every kind of socket.
    @Suite struct DHCPClientTests {
        @Test(
            .needs(.udhcpc, .dhclient, .dhcpcd),
            arguments: zip(NamespaceGuest.Client.allCases, SocketKind.allCases))
        func `a client in a namespace has everything a guest gets`(
            client: NamespaceGuest.Client, kind: SocketKind
        ) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(kind), kind, address: "02:00:00:00:00:01", client: client)
            try await checkEverything(in: guest, on: serve.promise)
            try await serve.stop()
        }
    }
}
