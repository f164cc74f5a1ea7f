import Testing

extension Integration {
    /// A person tries it without reading anything.
    @Suite struct DemoTests {
        @Test(.needs())
        func `the demo transfers files unharmed and says what to do next`() async throws {
            let folder = try TemporaryFolder()
            let demo = try Child(
                [try #require(Programs.openvmnet), "demo"], environment: Serve.environment(folder))
            let result = try await demo.result(within: .seconds(120))
            #expect(result.exit == .status(0), "\(result.output)\(result.errors)")
            for word in ["-netdev stream", "qemu-system", "transport=bess"] {
                #expect(result.output.contains(word), "\(result.output)")
            }
        }
    }
}
