import Testing

extension Integration {
    /// <openvmnet.h>, for programs without blocks.
    @Suite(.needs(.installed, .clang, .gcc, .pkgConfig)) struct PlainCTests {
        @Test func `interfaces exchange batches, and can be polled`() async throws {
            try await checkPromise("plain/interfaces", by: .plain)
        }

        @Test func `a handler is called with its context, which is released once`() async throws {
            try await checkPromise("plain/events", by: .plain)
        }

        @Test func `what is wrong has a number and a sentence`() async throws {
            try await checkPromise("plain/errors", by: .plain)
        }

        @Test func `a packet that does not fit stays`() async throws {
            try await checkPromise("plain/small-buffers", by: .plain)
        }

        @Test func `packets have a virtio header for those who want it`() async throws {
            try await checkPromise("plain/virtio-header", by: .plain)
        }

        @Test func `a forward leads to the guest and ends`() async throws {
            try await checkPromise("plain/forwards", by: .plain)
        }

        @Test func `another process joins by a line of text`() async throws {
            try await checkPromise("plain/serialization", by: .plain)
        }

        @Test func `a network that serve runs is joined by its name`() async throws {
            let host = try await Namespace()
            let folder = try TemporaryFolder()
            let serve = try host.start(
                [try #require(Programs.openvmnet), "serve", "--name", "lab"] + Serve.network
                    + ["--listen", "stream:\(folder("sock"))"], environment: Serve.environment(folder))
            try await serve.wait(for: "\n", within: .seconds(10))
            try await checkPromise("plain/joining", "lab", by: .plain, on: host, environment: Serve.environment(folder))
            // The same by a variable, for programs that know nothing of it.
            try await checkPromise(
                "clients/simh", on: host,
                environment: Serve.environment(folder).merging(["OPENVMNET_NETWORK": "lab"]) { $1 })
        }

        @Test(arguments: [
            CProgram.Compiler.strict("gcc", "c99"), .strict("gcc", "c11"), .strict("clang", "c99"),
            .strict("clang", "c11"),
        ])
        func `the header needs nothing before it`(compiler: CProgram.Compiler) async throws {
            try await checkPromise("plain/header-alone", by: compiler)
        }

        @Test(arguments: [CProgram.Compiler.strict("g++", "c++17"), .strict("clang++", "c++17")])
        func `the header is C++ too`(compiler: CProgram.Compiler) async throws {
            _ = try await CProgram("Tests/Conformance/plain/header-alone.cc", by: compiler)
        }

        @Test func `a compiler without blocks has the rest of vmnet's header`() async throws {
            try await checkPromise("plain/vmnet-without-blocks", by: .plain)
        }

        @Test(arguments: [
            "interfaces", "events", "errors", "small-buffers", "virtio-header", "forwards", "serialization",
        ])
        func `clang takes the programs, too`(program: String) async throws {
            _ = try await CProgram("Tests/Conformance/plain/\(program).c", by: .strict("clang", "c11"))
        }
    }
}
