import Testing
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

/// A guest that says nothing by itself is asked for, where a forward waits for it.
@Suite struct ForwardEnquiryTests {
    private static let netdev = "vmnet-host,start-address=10.77.0.1,end-address=10.77.0.20,subnet-mask=255.255.255.0"

    /// The addresses that a guest is asked for.
    private func questions(to guest: SegmentGuest) throws -> [IPv4Address] {
        try guest.take().compactMap { frame in
            let packet = try? ARPPacket(parsing: frame.span.extracting(droppingFirst: EthernetHeader.byteCount))
            return packet?.operation == .request ? packet?.targetAddress : nil
        }
    }

    @Test(arguments: [false, true])
    func `a guest with an address of its own is found before it says anything`(isIsolated: Bool) throws {
        let segment = try Segment(Self.netdev)
        let host = try #require(segment.network.host)
        try segment.network.addForward(PortForward("tcp:0:10.77.0.9:80"))
        let guest = try segment.attach(1, isolated: isIsolated)
        segment.turn()
        #expect(try questions(to: guest) == ["10.77.0.9"])
        let answer = ARPPacket(
            operation: .reply, senderMAC: guest.station, senderAddress: "10.77.0.9", targetMAC: host.station,
            targetAddress: host.address)
        try guest.send(guest.builder(to: host.station).arp(answer))
        #expect(segment.network.forwards().first?.guest == .present("10.77.0.9"))
    }

    @Test func `nobody is asked where no forward waits, or the host is not there`() throws {
        for netdev in [Self.netdev, "vmnet-host,net-uuid=5d0c7c36-2f60-4a0b-9a5b-1f6f4c1be031"] {
            let segment = try Segment(netdev)
            let guest = try segment.attach(1)
            segment.turn()
            #expect(try questions(to: guest) == [])
        }
    }

    @Test func `whom no address is known of is not asked for`() throws {
        let segment = try Segment(Self.netdev)
        for text in ["tcp:0:web:80", "tcp:0:02:00:00:00:00:07:80", "tcp:0:80"] {
            try segment.network.addForward(PortForward(text))
        }
        let guest = try segment.attach(1)
        segment.turn()
        #expect(try questions(to: guest) == [])
    }
}
