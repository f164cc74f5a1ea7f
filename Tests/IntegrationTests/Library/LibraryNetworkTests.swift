import Testing

extension Integration {
    /// Networks as objects, and ports of the host that lead into them.
    @Suite(.needs(.installed, .clang, .pkgConfig)) struct LibraryNetworkTests {
        @Test func `ports lead to a guest by the functions of macOS 10.15`() async throws {
            try await checkPromise("networks/port-forwards")
        }

        @Test func `ports lead to a guest by the functions of macOS 11`() async throws {
            try await checkPromise("networks/ip-port-forwards")
        }

        @Test func `a network has what its configuration says`() async throws {
            try await checkPromise("networks/configuration")
        }

        @Test func `a network's guests get its reservations and forwards`() async throws {
            try await checkPromise("networks/interfaces-of-a-network")
        }

        @Test func `a network does without what its configuration disables`() async throws {
            try await checkPromise("networks/a-network-without")
        }

        @Test func `another process joins a network by its serialization`() async throws {
            try await checkPromise("networks/serialization")
        }

        @Test func `values are typed, and read as nothing when they are something else`() async throws {
            try await checkPromise("xpc/values")
        }

        @Test func `references are counted right by many threads`() async throws {
            try await checkPromise("xpc/threads")
        }
    }
}
