import TAPGuest
import Testing

extension Integration {
    /// A person boots User Mode Linux on the network.
    @Suite struct UserModeLinuxTests {
        @Test(.needs(.userModeLinux))
        func `User Mode Linux over a bess socket has everything a guest gets`() async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await UserModeLinux(connectedTo: serve.socket(.bess), address: "02:00:00:00:00:01")
            try await checkEverything(in: guest, on: serve.promise)
            try await serve.stop()
        }
    }
}
