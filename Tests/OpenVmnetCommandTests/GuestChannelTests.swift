import SystemPackage
import Testing
import VmnetSystem

@testable import openvmnet

@Suite struct GuestChannelTests {
    private static let lease = GuestLease(
        macAddress: "52:54:00:12:34:56", address: "192.168.64.2", subnetMask: "255.255.255.0", gateway: "192.168.64.1",
        dnsServers: ["192.168.64.1"], mtu: 1500, leaseTime: 86400, milliseconds: 1.5)

    private static let reports: [GuestReport] = [
        .tapReady, .warned("no DNS"), .leased(lease), .failed("cannot", hint: "line one\nline two"),
        .failed("cannot", hint: nil),
        .pinged(sequence: 1, milliseconds: 0.25), .pinged(sequence: 2, milliseconds: nil),
        .progressed(.upload, byteCount: 1 << 30),
        .transferred(DemoTransfer(direction: .download, byteCount: 9, seconds: 0.5, sha256: "ab")),
    ]

    @Test(arguments: reports)
    func `a report arrives as it was sent`(report: GuestReport) throws {
        #expect(try GuestChannel.decode(GuestChannel.encode(report)) == report)
    }

    @Test(arguments: ["", "{", "[]", #"{"leased":{}}"#, #"{"rebooted":{}}"#, "\u{0}"])
    func `what is no report is refused`(text: String) {
        #expect(throws: SystemError("understand the guest's report", .badMessage)) {
            try GuestChannel.decode(Array(text.utf8))
        }
    }

    @Test func `each record is one report, and the end is nil`() throws {
        let pair = try Socket.pair(.seqpacket)
        let host = try GuestChannel.adopt(pair.first)
        do {
            let guest = try GuestChannel.adopt(pair.second)
            for report in Self.reports { try guest.send(report) }
        }
        for report in Self.reports { #expect(try host.receive(within: .seconds(5)) == report) }
        #expect(try host.receive(within: .seconds(5)) == nil)
    }

    @Test func `a guest that stays silent is noticed`() throws {
        let pair = try Socket.pair(.seqpacket)
        let guest = pair.second
        let host = try GuestChannel.adopt(pair.first)
        let error = #expect(throws: SystemError.self) { try host.receive(within: .milliseconds(1)) }
        #expect(error?.errno == .wouldBlock)
        _ = consume guest
    }

    @Test func `the guest goes on when told so, and not when the other end is gone`() throws {
        let pair = try Socket.pair(.seqpacket)
        let guest = try GuestChannel.adopt(pair.second)
        do {
            let host = try GuestChannel.adopt(pair.first)
            try host.goAhead()
        }
        #expect(try guest.waitForGoAhead())
        #expect(try !guest.waitForGoAhead())
    }
}
