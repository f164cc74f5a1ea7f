import TAPGuest
import Testing

extension Integration {
    /// The example in C (Sources/Examples): a namespace's TAP on the plain C library.
    @Suite(.needs(.installed, .gcc, .pkgConfig, .udhcpc)) struct PlainExampleTests {
        @Test func `a namespace has everything a guest gets, and segments cross many at a time`() async throws {
            let host = try await HostNetwork()
            let guest = try await Namespace()
            let example = try await CProgram("Sources/Examples/tap.c", by: .plain)
            let tap = try example.start([Serve.network[1], "eth0", guest.path], in: host.namespace)
            try await tap.wait(for: "eth0: the gateway is 192.168.105.1\n", within: .seconds(10))
            let client = try NamespaceGuest(in: guest, interface: "eth0")
            try await checkEverything(in: client, on: Promise(on: host))
            try await OffloadTests.checkFrames(of: client)
            // The interface goes with the program.
            tap.signal(15)
            #expect(try await tap.exit(within: .seconds(10)) == .signal(15))
            #expect(try await guest.run("ip", "-o", "link", "show").contains("eth0") == false)
        }

        @Test(arguments: [
            (["vmnet-shred", "eth0"], 1, "vmnet-shred"),
            (["vmnet-host", "eth0", "/proc/none/ns/net"], 1, "/proc/none/ns/net"),
            (["vmnet-host"], 2, "usage:"),
        ])
        func `it says what is wrong`(arguments: [String], status: Int32, complaint: String) async throws {
            let host = try await Namespace()
            let example = try await CProgram("Sources/Examples/tap.c", by: .plain)
            let result = try await example.start(arguments, in: host).result(within: .seconds(10))
            #expect(result.exit == .status(status))
            #expect(result.errors.contains(complaint), "\(result.errors)")
        }
    }
}
