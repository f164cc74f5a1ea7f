import OpenVmnet
import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

@Suite("Locked leases")
struct LockedLeasesTests {
    private let segment: Segment
    private let anna: SegmentGuest
    private let bert: SegmentGuest

    init() throws {
        segment = try Segment(
            "vmnet-shared,start-address=10.77.0.1,end-address=10.77.0.20,subnet-mask=255.255.255.0", locksLeases: true)
        anna = try segment.attach(1)
        bert = try segment.attach(2)
    }

    /// Whether a frame of Anna's comes to Bert.
    private func passes(_ frame: [UInt8]) throws -> Bool {
        try anna.send(frame)
        return try bert.take().contains(frame)
    }

    @Test func `a guest speaks from its leased address only, to one guest and to all`() throws {
        let own = try #require(try anna.lease()?.address)
        let other = try #require(try bert.lease()?.address)
        for builder in [anna.builder(to: bert.station), anna.builder()] {
            func datagram(_ source: IPv4Address) -> [UInt8] {
                builder.udp(from: Endpoint(source, 1), to: Endpoint(other, 5), payload: [1])
            }
            #expect(try passes(datagram(own)))
            for source in [other, "10.77.0.9", "10.77.0.1", "0.0.0.0", "1.2.3.4"] as [IPv4Address] {
                #expect(try !passes(datagram(source)))
            }
            #expect(try passes(builder.arpRequest(from: own, for: other)))
            #expect(try !passes(builder.arpRequest(from: other, for: other)))
            #expect(try !passes(builder.arpRequest(from: "10.77.0.1", for: other)))
        }
        #expect(try passes(anna.builder().arpRequest(from: .any, for: other)))
        var stranger = anna.builder()
        stranger.source = "02:00:00:00:00:77"
        #expect(try !passes(stranger.arpRequest(from: own, for: other)))
    }

    @Test func `the gateway hears a guest's own address only`() throws {
        let own = try #require(try anna.lease()?.address)
        let host = try #require(segment.network.host)
        let toGateway = anna.builder(to: host.station)
        try anna.send(toGateway.echoRequest(from: .v4(own), to: .v4(host.address)))
        #expect(try anna.take().count == 1)
        try anna.send(toGateway.echoRequest(from: .v4(own.advanced(by: 1)), to: .v4(host.address)))
        #expect(try anna.take() == [])
    }

    @Test func `before its lease a guest may probe and ask for one, no more`() throws {
        _ = try bert.lease()
        #expect(try !passes(anna.builder().udp(from: "10.77.0.9:1", to: "10.77.0.2:5", payload: [])))
        #expect(try !passes(anna.builder().arpRequest(from: "10.77.0.9", for: "10.77.0.2")))
        #expect(try passes(anna.builder().arpRequest(from: .any, for: "10.77.0.9")))
        #expect(try anna.lease() != nil)
    }

    @Test func `made-up stations get no addresses`() throws {
        _ = try anna.lease()
        for number in 0..<40 as Range<UInt64> {
            #expect(try anna.lease(as: MACAddress(bits: 0x0200_0001_0000 + number)) == nil)
        }
        #expect(try bert.lease()?.address == "10.77.0.3")
    }
}
