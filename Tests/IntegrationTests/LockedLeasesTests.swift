import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// Guests that may use what they have leased, and nothing else; and one that makes up addresses.
    @Suite struct LockedLeasesTests {
        @Test(.needs(.udhcpc))
        func `a guest is heard from its leased address only`() async throws {
            let serve = try await Serve(Serve.network + ["--lock-leases"], on: HostNetwork(), in: TemporaryFolder())
            let path = serve.socket(.stream)
            let one = try await NamespaceGuest(connectedTo: path, .stream, address: "02:00:00:00:00:01")
            let other = try await NamespaceGuest(connectedTo: path, .stream, address: "02:00:00:00:00:02")
            try await checkEverything(in: one, on: serve.promise)
            let address = try await other.acquireLease().address
            #expect(try await one.canPing(address))
            try await one.run("ip address add 192.168.105.9/24 dev eth0")
            for peer in [address, try serve.promise.gateway] {
                let ping = "ping -c 1 -W 1 -I 192.168.105.9 \(peer)"
                #expect(try await one.shell(ping, within: .seconds(5)).status != 0)
            }
            #expect(try await one.canPing(address))
            try await serve.stop()
        }

        @Test(.needs(.udhcpc), arguments: [[], ["--lock-leases"]])
        func `a guest with a million addresses takes neither memory nor the others' network`(
            options: [String]
        ) async throws {
            let serve = try await Serve(Serve.network + options, on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            let flood = try UnixSocket(connectingTo: serve.socket(.stream), .stream)
            try Self.flood(flood, frames: 100_000)
            let before = ProcessFigures(of: serve.child.pid).residentKiB
            try Self.flood(flood, frames: 1_000_000)
            let growth = ProcessFigures(of: serve.child.pid).residentKiB - before
            #expect(growth < 1024, "\(growth) KiB")
            #expect(try await guest.canPing(serve.promise.gateway))
            let late = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:02")
            checkLease(try await late.acquireLease(), on: try serve.promise)
            try await serve.stop()
        }

        /// ARP requests to everybody, each from a station of its own, and from an address outside the pool: with others it
        /// would pose as the gateway, which nothing but locked leases keeps a guest from.
        private static func flood(_ socket: UnixSocket, frames count: Int) throws {
            let request: [UInt8] = [0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01] + [UInt8](repeating: 0, count: 20)
            let frame = ethernetFrame(to: .broadcast, from: .zero, type: 0x0806, payload: request)
            let record: [UInt8] = [0, 0, 0, UInt8(frame.count)] + frame
            var batch = [[UInt8]](repeating: record, count: 1000).flatMap(\.self)
            // Where a record has the frame's source, the sender's station and the sender's address.
            let (source, station, address) = (10, 26, 32)
            var noise = Noise(seed: 7)
            for _ in 0..<(count / 1000) {
                for start in stride(from: 0, to: batch.count, by: record.count) {
                    let number = noise.next()
                    (batch[start + source], batch[start + station]) = (2, 2)
                    for byte in 1..<6 {
                        let value = UInt8(truncatingIfNeeded: number >> UInt64(8 * byte))
                        (batch[start + source + byte], batch[start + station + byte]) = (value, value)
                    }
                    for (offset, byte) in [192, 168, 105, UInt8(number >> 57) | 128].enumerated() {
                        batch[start + address + offset] = byte
                    }
                }
                try socket.send(batch)
            }
        }
    }
}
