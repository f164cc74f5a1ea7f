import Testing
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// Everything that runs libslirp, one at a time: its clock is the process's.
@Suite(.serialized) enum LibraryTests {}

extension LibraryTests {
    @Suite struct ReachabilityTests {
        @Test func `the gateway answers ARP with the station address that the network announces`() throws {
            let guest = try Guest()
            var request = FrameBuilder(from: Guest.station, to: .broadcast)
            #expect(guest.send(request.arpRequest(from: Guest.address, for: Guest.gateway)) == nil)
            let reply = try #require(guest.take().first)
            let arp = try ARPPacket(parsing: reply.span.extracting(droppingFirst: 14))
            #expect(arp.operation == .reply)
            #expect(arp.senderAddress == Guest.gateway)
            #expect(arp.senderMAC == GuestNAT.gatewayMAC(for: Guest.gateway))
            #expect(arp.senderMAC == Guest.gatewayStation)
            request.destination = Guest.gatewayStation
            #expect(guest.send(request.arpRequest(from: Guest.address, for: Guest.gateway)) == nil)
            #expect(guest.frames.count == 1)
        }

        @Test func `the gateway answers pings`() throws {
            let guest = try Guest()
            let data: [UInt8] = Array(0..<56)
            let request = guest.builder.echoRequest(
                from: .v4(Guest.address), to: .v4(Guest.gateway), identifier: 7, sequence: 9, payload: data)
            #expect(guest.send(request) == nil)
            let reply = try #require(guest.take().compactMap(Packet.init).first)
            #expect(reply.header.source == Guest.gateway)
            #expect(reply.ethernet.destination == Guest.station)
            #expect(reply.icmp?.header.type == ICMPHeader.V4.echoReply)
            #expect(reply.icmp?.header.rest == 0x0007_0009)
            #expect(reply.icmp?.data == data)
        }

        /// The host's address on some network, which answers pings as an outside host does.
        private static let outside: IPv4Address? = {
            let addresses = (try? InterfaceList.ipv4Addresses()) ?? []
            let candidates = addresses.map { IPv4Address(bits: $0.address.bits) }
            return candidates.first { !$0.isLoopback && !$0.isLinkLocal }
        }()

        @Test(
            .enabled(
                if: Guest.mayPing && outside != nil,
                "net.ipv4.ping_group_range forbids pings: .ci/install tests allows them"))
        func `pings to the outside are answered from there, and cost nothing afterwards`() throws {
            let guest = try Guest()
            let outside = try #require(Self.outside)
            let request = guest.builder.echoRequest(
                from: .v4(Guest.address), to: .v4(outside), identifier: 7, sequence: 9, payload: [1, 2, 3])
            #expect(guest.send(request) == nil)
            #expect(guest.nat.flowCount == 1)
            let reply = try #require(guest.await { Packet($0) })
            #expect(reply.header.source == outside)
            #expect(reply.icmp?.header.rest == 0x0007_0009)
            #expect(reply.icmp?.data == [1, 2, 3])
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.deadline == nil)
        }

        @Test func `a TCP connection to the host moves data both ways and ends`() throws {
            let guest = try Guest()
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: 40000, to: Endpoint(Guest.gateway, listener.port))
            #expect(connection.open())
            var accepted: HostSocket?
            #expect(
                guest.run {
                    accepted = listener.accept()
                    return accepted != nil
                })
            let server = try #require(accepted)
            let upload = [UInt8]((0..<100_000).map { UInt8(truncatingIfNeeded: $0 &* 7) })
            var uploaded: [UInt8] = []
            var offset = 0
            connection.run {
                let inFlight = connection.sequence &- connection.acknowledged
                if offset < upload.count, inFlight + 1460 <= UInt32(connection.peerWindow) {
                    let end = min(offset + 1460, upload.count)
                    connection.send(Array(upload[offset..<end]))
                    offset = end
                }
                uploaded += server.receive() ?? []
                return uploaded.count >= upload.count
            }
            #expect(uploaded == upload)

            let download = [UInt8]((0..<300_000).map { UInt8(truncatingIfNeeded: $0 &* 13) })
            var sent = 0
            connection.run {
                if sent < download.count { sent += server.send(Array(download[sent...])) }
                return connection.received.count >= download.count
            }
            #expect(connection.received == download)

            connection.finish()
            #expect(connection.run { server.receive() == [] })
            server.shutdownWriting()
            #expect(connection.run { connection.isFinished })
            guest.pass(.seconds(60))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.deadline == nil)
        }

        @Test func `a connection to a port where nobody listens is reset`() throws {
            let guest = try Guest()
            let port = HostSocket.listener().port
            let connection = Connection(guest, from: 40001, to: Endpoint(Guest.gateway, port))
            #expect(!connection.open())
            #expect(connection.isReset)
            #expect(guest.nat.flowCount == 0)
        }

        @Test func `datagrams reach the host and come back from the address they were sent to`() throws {
            let guest = try Guest()
            let server = HostSocket.datagram()
            let remote = Endpoint(Guest.gateway, server.port)
            let data: [UInt8] = Array("hello".utf8)
            #expect(guest.send(guest.builder.udp(from: guest.endpoint(5000), to: remote, payload: data)) == nil)
            #expect(server.echoDatagram() == data)
            let reply = try #require(guest.await { Packet($0) })
            #expect(reply.header.source == Guest.gateway)
            #expect(reply.udp?.header.sourcePort == server.port)
            #expect(reply.udp?.header.destinationPort == 5000)
            #expect(reply.udp?.data == data)
        }
    }
}
