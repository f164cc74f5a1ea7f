import Foundation
import TAPGuest
import Testing
import VmnetWire

extension Integration {
    /// The example in Swift (Sources/Examples) does what its documentation says.
    @Suite struct SmallEmulatorTests {
        @Test(.needs(.udhcpc)) func `the small emulator's guest answers its neighbours' pings`() async throws {
            let folder = try TemporaryFolder()
            let host = try await Namespace()
            let emulator = try host.start([Programs.smallEmulator, folder("vm.sock")])
            try await eventually("the example's socket", within: .seconds(10)) {
                FileManager.default.fileExists(atPath: folder("vm.sock"))
            }
            let guest = try await NamespaceGuest(
                connectedTo: folder("vm.sock"), .stream, address: "02:00:00:00:00:01")
            let lease = try await guest.acquireLease()
            // The last of the network's /24.
            let address = IPv4Address(bits: lease.address.bits & ~0xff | 254)
            let ping = try await guest.shell("ping -c 3 -i 0.1 -W 5 \(address)", within: .seconds(20))
            #expect(ping.status == 0, "\(ping.output)")
            #expect(emulator.isRunning)
        }
    }
}
