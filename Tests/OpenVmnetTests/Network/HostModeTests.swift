import OpenVmnet
import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

@Suite("Host mode")
struct HostModeTests {
    private static let identifier = "5d0c7c36-2f60-4a0b-9a5b-1f6f4c1be0"

    @Test func `a lease says nothing of routers, routes and name servers`() throws {
        let segment = try Segment(
            "vmnet-host,start-address=10.77.0.1,end-address=10.77.0.20,subnet-mask=255.255.255.0")
        let lease = try #require(try segment.attach(1).lease())
        #expect(lease.address == "10.77.0.2" && lease.server == "10.77.0.1" && lease.prefixLength == 24)
        #expect(lease.routers == [] && lease.routes == [] && lease.domainNameServers == [])
        #expect(lease.mtu == 1500)
    }

    @Test func `a private network is a segment and nothing else`() throws {
        let segment = try Segment("vmnet-host,net-uuid=\(Self.identifier)01")
        let (anna, bert) = (try segment.attach(1), try segment.attach(2))
        #expect(segment.network.host == nil && segment.network.addresses == nil)
        #expect(try anna.lease() == nil)
        // The client's messages, as everybody hears them.
        #expect(try !bert.take().isEmpty)
        let request = anna.builder().arpRequest(from: "203.0.113.1", for: "203.0.113.2")
        try anna.send(request)
        #expect(try bert.take() == [request])
        #expect(try anna.take() == [])
        let answer = bert.builder(to: anna.station).udp(from: "203.0.113.2:1", to: "203.0.113.1:2", payload: [1])
        try bert.send(answer)
        #expect(try anna.take() == [answer])
    }

    @Test func `in a private network the host has the address that it was given, and no DHCP server`() throws {
        let segment = try Segment("vmnet-host,net-uuid=\(Self.identifier)02,host-ip=10.78.0.9,host-mask=255.255.255.0")
        let anna = try segment.attach(1)
        let host = try #require(segment.network.host)
        #expect(host.address == "10.78.0.9" && segment.network.addresses == nil)
        #expect(try anna.lease() == nil)
        try anna.send(anna.builder().arpRequest(from: "10.78.0.4", for: host.address))
        let reply = try #require(try anna.take().first)
        #expect(try ARPPacket(parsing: reply.span.extracting(droppingFirst: 14)).senderMAC == host.station)
        try anna.send(anna.builder(to: host.station).echoRequest(from: "10.78.0.4", to: .v4(host.address)))
        #expect(try anna.take().count == 1)
        try anna.send(anna.builder(to: host.station).echoRequest(from: "10.78.0.4", to: "1.2.3.4"))
        let error = try #require(try anna.take().first)
        #expect(Array(error[34..<36]) == [3, 13])
    }

    @Test func `a guest that is isolated by itself has the gateway and nobody else`() throws {
        let segment = try Segment(
            "vmnet-host,start-address=10.77.0.1,end-address=10.77.0.20,subnet-mask=255.255.255.0")
        let guests = [try segment.attach(1, isolated: true), try segment.attach(2), try segment.attach(3)]
        let host = try #require(segment.network.host)
        for guest in guests {
            #expect(try guest.lease() != nil)
            try guest.send(guest.builder(to: host.station).echoRequest(from: .v4("10.77.0.9"), to: .v4(host.address)))
        }
        for guest in guests { _ = try guest.take() }
        let destinations: [MACAddress] = [
            .broadcast, "01:00:5e:00:00:fb", "33:33:00:00:00:01", "02:00:00:00:00:99", guests[0].station,
            guests[1].station, guests[2].station,
        ]
        for destination in destinations {
            for guest in guests { try guest.send(guest.builder(to: destination).ethernet(.ipv6, payload: [0x60])) }
        }
        #expect(try guests[0].take() == [])
        for guest in guests.dropFirst() {
            let frames = try guest.take()
            #expect(!frames.isEmpty && frames.allSatisfy { Array($0[6..<12]) != guests[0].station.octets })
        }
    }
}
