import Testing

extension Integration {
    /// Programs that are known to use vmnet, each in its own manner.
    @Suite(.needs(.installed, .clang, .pkgConfig)) struct LibraryClientTests {
        @Test func `QEMU's network works after bursts that its guest was too slow for`() async throws {
            try await checkPromise("clients/qemu")
        }

        @Test func `QEMU's first vmnet patch finds a packet for each event`() async throws {
            try await checkPromise("clients/qemu-first-patch")
        }

        @Test func `socket_vmnet reads as many packets as were announced`() async throws {
            try await checkPromise("clients/socket-vmnet")
        }

        @Test func `semu uses its handle in start's completion and releases its queue early`() async throws {
            try await checkPromise("clients/semu")
        }

        @Test func `xhyve reads until errno says that it would block`() async throws {
            try await checkPromise("clients/xhyve")
        }

        @Test func `simh polls without a callback`() async throws {
            try await checkPromise("clients/simh")
        }

        @Test func `ukvm sets its callback for every packet`() async throws {
            try await checkPromise("clients/ukvm")
        }

        @Test func `vmnet-helper moves whole batches on a network object`() async throws {
            try await checkPromise("clients/vmnet-helper")
        }
    }
}
