import Testing

extension Integration {
    /// What a program for macOS relies on, item by item: each of Tests/Conformance/contract breaks a known one when it is
    /// not so.
    @Suite(.needs(.installed, .clang, .pkgConfig)) struct ContractTests {
        @Test func `start returns its handle before its completion runs`() async throws {
            try await checkPromise("contract/completion-follows-start")
        }

        @Test func `a start that fails has a handle, a reason, and can be stopped`() async throws {
            let result = try await checkPromise("contract/failure-has-a-handle")
            // Each has a line that says why.
            #expect(result.errors.contains("should be provided together"), "\(result.errors)")
            #expect(result.errors.contains("nosuch0"), "\(result.errors)")
        }

        @Test func `blocks and queues live as long as they are needed`() async throws {
            try await checkPromise("contract/queues-outlive-their-release")
        }

        @Test func `no event reaches a client that has stopped its interface`() async throws {
            try await checkPromise("contract/silence-after-stop")
        }

        @Test func `events come again until every packet of a burst is read`() async throws {
            try await checkPromise("contract/unread-packets-call-again")
        }

        @Test func `a client that does not read costs no processor time`() async throws {
            try await checkPromise("contract/a-paused-client-costs-nothing")
        }

        @Test func `events announce packets that are there`() async throws {
            try await checkPromise("contract/events-are-honest")
        }

        @Test func `a callback can take itself away and be set again for each packet`() async throws {
            try await checkPromise("contract/a-callback-removes-itself")
        }

        @Test func `reading needs no callback and never waits`() async throws {
            try await checkPromise("contract/reading-without-a-callback")
        }

        @Test func `reading leaves the client's iovecs as they are`() async throws {
            try await checkPromise("contract/read-leaves-lengths-alone")
        }

        @Test func `packets lie in several pieces both ways`() async throws {
            try await checkPromise("contract/packets-in-pieces")
        }

        @Test func `each limit has its own status`() async throws {
            try await checkPromise("contract/limits")
        }

        @Test func `nothing is written behind a small buffer`() async throws {
            try await checkPromise("contract/a-small-buffer-is-not-overrun")
        }

        @Test func `the list of interfaces is empty where there are none`() async throws {
            #expect(try await checkPromise("contract/interface-list").output == "")
        }

        @Test func `the list of interfaces has those that bridged mode can use`() async throws {
            let host = try await Namespace()
            try await host.run("ip", "link", "add", "lan0", "type", "veth", "peer", "name", "lan1")
            for name in ["lan0", "lan1"] { try await host.run("ip", "link", "set", name, "up") }
            let output = try await checkPromise("contract/interface-list", on: host).output
            #expect(output.split(separator: "\n").sorted() == ["lan0", "lan1"])
        }

        @Test func `parameters live as long as somebody retains them`() async throws {
            try await checkPromise("contract/parameters-can-be-kept")
        }

        @Test func `packets fit into 1514 octets unless TSO was asked for`() async throws {
            try await checkPromise("contract/packet-sizes")
        }
    }
}
