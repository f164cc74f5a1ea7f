import TAPGuest
import Testing

extension Integration {
    /// What reaches a guest that has no offload is plain Ethernet, however its frames travelled before.
    @Suite struct PlainFrameTests {
        @Test(.needs(.udhcpc, .tcpdump, .tshark), arguments: SocketKind.allCases)
        func `no frame for the guest is longer than the MTU allows, and every checksum is right`(
            kind: SocketKind
        ) async throws {
            let serve = try await Serve(on: HostNetwork(), in: TemporaryFolder())
            let guest = try await NamespaceGuest(
                connectedTo: serve.socket(kind), kind, address: "02:00:00:00:00:01")
            let capture = try await Capture(of: guest)
            try await checkEverything(in: guest, on: serve.promise)
            let frames = try await capture.finish()
            #expect(frames.longest == serve.announcement.maximumPacketSize, "\(frames)")
            #expect(frames.bad == 0, "\(frames)")
            // All of a download, at least.
            #expect(frames.good > HostNetwork.blobByteCount / 1460, "\(frames)")
            try await serve.stop()
        }
    }
}
