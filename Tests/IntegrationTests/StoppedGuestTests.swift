import Foundation
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// A guest that no longer reads (paused, in a debugger, hung) is nobody else's problem.
    @Suite struct StoppedGuestTests {
        @Test(.needs(.udhcpc), arguments: SocketKind.allCases)
        func `a guest stopped under load neither slows the others down nor makes the daemon grow`(
            kind: SocketKind
        ) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let gateway = try serve.promise.gateway
            let stopped = try await NamespaceGuest(
                connectedTo: serve.socket(kind), kind, address: "02:00:00:00:00:01")
            let other = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:02")
            _ = try await stopped.acquireLease()
            _ = try await other.acquireLease()
            let alone = try await Self.downloadTime(by: other, from: gateway)

            // Stopped in the middle of downloads; then its neighbour sends it more than any queue holds.
            let load = try stopped.namespace.start(
                ["sh", "-c", "for n in 1 2 3 4; do wget -q -O /dev/null http://\(gateway)/blob & done; wait"],
                environment: ["PATH": "\(GuestFiles.root)/bin"])
            try await Task.sleep(for: .milliseconds(100))
            stopped.plug?.signal(SIGSTOP)
            let before = ProcessFigures(of: serve.child.pid).residentKiB
            try Self.flood(MACAddress(bits: 0x0200_0000_0001), on: serve)
            let meanwhile = try await Self.downloadTime(by: other, from: gateway)
            let after = ProcessFigures(of: serve.child.pid).residentKiB

            #expect(meanwhile < alone * 2, "\(alone) alone, \(meanwhile) beside the stopped guest")
            #expect(after - before < 8 << 10, "from \(before) to \(after) KiB")
            #expect(serve.child.isRunning)

            // It comes back as it was.
            stopped.plug?.signal(SIGCONT)
            #expect(try await stopped.canPing(gateway))
            load.signalGroup(SIGKILL)
            try await serve.stop()
        }

        /// The best of three, because the machine has other things to do as well.
        private static func downloadTime(by guest: some Guest, from gateway: IPv4Address) async throws -> Duration {
            var best = Duration.seconds(60)
            for _ in 0..<3 {
                let start = ContinuousClock.now
                try await guest.run("wget -q -O /dev/null http://\(gateway)/blob", within: .seconds(60))
                best = min(best, ContinuousClock.now - start)
            }
            return best
        }

        /// Sends the guest 60 MB of frames, which is more than any queue may hold.
        private static func flood(_ target: MACAddress, on serve: Serve) throws {
            let neighbour = try UnixSocket(connectingTo: serve.socket(.stream), .stream)
            let frame = ethernetFrame(
                to: target, from: MACAddress(bits: 0x0200_0000_0003), payload: [UInt8](repeating: 0x5a, count: 1500))
            for _ in 0..<40_000 { try neighbour.send(frame: frame) }
        }
    }
}
