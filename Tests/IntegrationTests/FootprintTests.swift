import TAPGuest
import Testing

extension Integration {
    /// A daemon that is left running costs next to nothing.
    @Suite struct FootprintTests {
        @Test(.needs())
        func `serve listens within 100 ms`() async throws {
            let host = try await HostNetwork()
            var best = Duration.seconds(10)
            // The best of five, because the machine has other things to do as well.
            for _ in 0..<5 {
                let folder = try TemporaryFolder()
                let start = ContinuousClock.now
                let serve = try await Serve(on: host, in: folder)
                best = min(best, ContinuousClock.now - start)
                try await serve.stop()
            }
            #expect(best < .milliseconds(100))
        }

        @Test(.needs())
        func `serve without a guest takes less than 30 MiB`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let figures = ProcessFigures(of: serve.child.pid)
            #expect(figures.residentKiB > 0 && figures.residentKiB < 30 << 10, "\(figures)")
            try await serve.stop()
        }

        @Test(.needs(.udhcpc))
        func `a network with an idle guest sleeps`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(.stream), .stream, address: "02:00:00:00:00:01")
            _ = try await guest.acquireLease()
            #expect(try await guest.canPing(serve.promise.gateway))
            // What the ping left behind in the NAT has a second's timer.
            var before = ProcessFigures(of: serve.child.pid)
            try await eventually("the first second of sleep", within: .seconds(60)) {
                try await Task.sleep(for: .seconds(1))
                let now = ProcessFigures(of: serve.child.pid)
                defer { before = now }
                return now.sleepCount == before.sleepCount
            }
            let length = Duration.seconds(10)
            before = ProcessFigures(of: serve.child.pid)
            try await Task.sleep(for: length)
            let after = ProcessFigures(of: serve.child.pid)
            #expect(after.sleepCount == before.sleepCount, "woken \(after.sleepCount - before.sleepCount) times")
            // 0.1 % of a processor.
            #expect(after.processorNanoseconds - before.processorNanoseconds < 10_000_000)
            try await serve.stop()
        }
    }
}
