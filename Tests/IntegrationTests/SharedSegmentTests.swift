import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// Guests of one network are on one Ethernet segment, whatever they are.
    @Suite struct SharedSegmentTests {
        @Test(.needs(.qemu, .userModeLinux, .udhcpc))
        func `three guests on three kinds of sockets reach each other`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            async let namespace = NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            async let linux = UserModeLinux(connectedTo: serve.socket(.bess), address: "02:00:00:00:00:02")
            async let machine = QEMU(
                netdev: QEMUTests.datagrams(from: serve.folder("qemu.dgram"), to: serve.socket(.dgram)),
                address: "02:00:00:00:00:03", in: serve.host.namespace)
            let guests: [any Guest] = [try await namespace, try await linux, try await machine]
            var addresses: [IPv4Address] = []
            for guest in guests {
                let lease = try await guest.acquireLease()
                checkLease(lease, on: try serve.promise)
                addresses.append(lease.address)
            }
            #expect(Set(addresses).count == 3)
            for (own, guest) in zip(addresses, guests) {
                for peer in addresses where peer != own {
                    #expect(try await guest.canPing(peer), "\(own) to \(peer)")
                }
            }
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `isolated guests reach the gateway but not each other`() async throws {
            let serve = try await Serve(Serve.network + ["--isolated"], on: HostNetwork(), in: TemporaryFolder())
            let path = serve.socket(.stream)
            let one = try await NamespaceGuest(connectedTo: path, .stream, address: "02:00:00:00:00:01")
            let other = try await NamespaceGuest(connectedTo: path, .stream, address: "02:00:00:00:00:02")
            _ = try await one.acquireLease()
            let address = try await other.acquireLease().address
            #expect(try await one.canPing(serve.promise.gateway))
            #expect(try await other.canPing(serve.promise.gateway))
            #expect(try await !one.canPing(address))
            try await serve.stop()
        }
    }
}
