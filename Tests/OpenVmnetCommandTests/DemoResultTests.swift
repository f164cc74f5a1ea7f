import Testing

@testable import openvmnet

@Suite struct DemoResultTests {
    private static let complete: DemoResult = {
        var result = DemoResult(subnet: "192.168.64.0/24", expectedSHA256: "ab")
        result.record(
            .leased(
                GuestLease(
                    macAddress: "02:00:00:00:00:01", address: "192.168.64.2", subnetMask: "255.255.255.0",
                    gateway: "192.168.64.1", dnsServers: [], mtu: nil, leaseTime: 60, milliseconds: 1)))
        for sequence in 1...5 { result.record(.pinged(sequence: sequence, milliseconds: 0.1)) }
        for direction in [DemoTransfer.Direction.download, .upload] {
            result.record(
                .transferred(DemoTransfer(direction: direction, byteCount: 100, seconds: 0.5, sha256: "ab")))
        }
        return result
    }()

    @Test func `a demo whose every check passed is passed`() {
        var result = Self.complete
        result.judge()
        #expect(result.failure == nil)
        #expect(result.passed)
    }

    private struct Change: Sendable {
        let sentence: String
        let apply: @Sendable (inout DemoResult) -> Void

        init(_ sentence: String, _ apply: @escaping @Sendable (inout DemoResult) -> Void) {
            self.sentence = sentence
            self.apply = apply
        }
    }

    private static let changes = [
        Change("the guest got no lease") { $0.lease = nil },
        Change("the gateway did not answer 1 of 5 pings") { $0.pingMilliseconds[2] = nil },
        Change("the gateway did not answer 2 of 5 pings") { $0.pingMilliseconds.removeLast(2) },
        Change("the download did not finish") { $0.download = nil },
        Change("the upload did not finish") { $0.upload = nil },
        Change("what arrived by upload is not what was sent: SHA-256 cd, not ab") { $0.upload?.sha256 = "cd" },
        Change("the digest of the payload is missing") { $0.expectedSHA256 = nil },
    ]

    @Test(arguments: changes)
    private func `each check that fails is named, and the demo not passed`(change: Change) {
        var result = Self.complete
        change.apply(&result)
        result.judge()
        #expect(result.failure == change.sentence)
        #expect(!result.passed)
    }

    @Test func `the first failure stands`() {
        var result = Self.complete
        result.record(.failed("first", hint: "do this"))
        result.fail("second", hint: nil)
        #expect(result.failure == "first")
        #expect(result.hint == "do this")
        result.judge()
        #expect(!result.passed)
    }

    @Test func `the JSON has the figures and the verdict`() throws {
        var result = Self.complete
        result.pingMilliseconds[1] = nil
        result.judge()
        let json = try Demo.json(result)
        for piece in [
            #""passed":false"#, #""address":"192.168.64.2""#, #""bytes_per_second":200"#,
            #""ping_milliseconds":[0.1,null,0.1,0.1,0.1]"#,
        ] {
            #expect(json.contains(piece), "\(piece) in \(json)")
        }
        #expect(!json.contains("\n"))
    }
}
