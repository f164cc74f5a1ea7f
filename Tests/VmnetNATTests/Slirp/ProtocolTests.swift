import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Protocols that libslirp serves by itself, and frames whose work is not finished.
    @Suite struct ProtocolTests {
        /// What libslirp says to a frame that no guard has seen.
        private func bareAnswers(_ frame: [UInt8], _ guest: Guest) -> Int {
            guest.sendBare(CraftedFrames.announcement(of: Guest.address, at: Guest.station))
            _ = guest.take()
            guest.sendBare(frame)
            return guest.take().count
        }

        @Test func `NC-SI commands get no answer`() throws {
            let guest = try Guest()
            // A "clear initial state" command of NC-SI 1.0, 8.4.3, for channel 0.
            let command: [UInt8] = [0, 1, 0, 1, 0, 0, 0, 0] + [UInt8](repeating: 0, count: 38)
            let frame = guest.builder.ethernet(.ncsi, payload: command)
            #expect(guest.send(frame) == .unsupported)
            #expect(guest.frames.isEmpty)
            #expect(bareAnswers(frame, guest) == 1)
        }

        @Test func `TFTP at the gateway is the host's, not libslirp's`() throws {
            let guest = try Guest { $0.allowsHostLoopback = false }
            let request: [UInt8] = [0, 1] + Array("passwd".utf8) + [0] + Array("octet".utf8) + [0]
            let frame = guest.builder.udp(from: guest.endpoint(7), to: "192.168.64.1:69", payload: request)
            #expect(guest.send(frame) == .prohibited)
            #expect(guest.take().compactMap { Packet($0)?.icmp?.header.code } == [13])
            #expect(bareAnswers(frame, guest) == 1)
        }

        @Test func `DHCPv6 gets no answer`() throws {
            let guest = try Guest { $0.nat66Prefix = "fd00::" }
            let everyone = FrameBuilder(from: Guest.station, to: "33:33:00:01:00:02")
            // Information-request, with an elapsed time and an option request for a boot file (RFC 8415, 21).
            let request: [UInt8] = [11, 1, 2, 3, 0, 8, 0, 2, 0, 0, 0, 6, 0, 2, 0, 59]
            let frame = everyone.udp(from: "[fe80::5]:546", to: "[ff02::1:2]:547", payload: request)
            #expect(guest.send(frame) == nil)
            let direct = guest.builder.udp(from: "[fd00::5]:546", to: "[fd00::2]:547", payload: request)
            #expect(guest.send(direct) == .unsupported)
            #expect(guest.frames.isEmpty)
        }

        @Test func `DHCP is not answered by libslirp, even by itself`() throws {
            let guest = try Guest()
            // A DISCOVER (RFC 2131, 2) with its magic number and message type.
            var discover: [UInt8] = [1, 1, 6, 0, 1, 2, 3, 4] + [UInt8](repeating: 0, count: 228)
            discover.replaceSubrange(28..<34, with: Guest.station.octets)
            discover += [0x63, 0x82, 0x53, 0x63, 53, 1, 1, 255] + [UInt8](repeating: 0, count: 60)
            let everyone = FrameBuilder(from: Guest.station, to: .broadcast)
            let frame = everyone.udp(from: "0.0.0.0:68", to: "255.255.255.255:67", payload: discover)
            #expect(guest.send(frame) == nil)
            let direct = guest.builder.udp(from: guest.endpoint(68), to: "192.168.64.1:67", payload: discover)
            #expect(guest.send(direct) == .unsupported)
            #expect(guest.frames.isEmpty)
            #expect(bareAnswers(frame, guest) == 0)
        }

        // MARK: Offload

        @Test func `a partial checksum is completed`() throws {
            let guest = try Guest()
            let server = HostSocket.datagram()
            let frame = guest.builder.udp(
                from: guest.endpoint(7), to: Endpoint(Guest.gateway, server.port), checksum: .partial,
                payload: [1, 2, 3])
            let offload = OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 6)
            #expect(guest.send(frame, offload: offload) == nil)
            #expect(server.receive() == [1, 2, 3])
            let outside = OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 60000)
            #expect(guest.send(frame, offload: outside) == .malformed)
        }

        @Test func `a TCP super-segment is taken as it is`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            let data = [UInt8]((0..<40_000).map { UInt8(truncatingIfNeeded: $0 / 7) })
            let offload = OffloadDescriptor(
                segmentation: .tcpv4, segmentSize: 1460, headerLength: 54, needsChecksum: true, checksumStart: 34,
                checksumOffset: 16)
            #expect(guest.send(connection.segment([.ack, .psh], data, checksum: .partial), offload: offload) == nil)
            var received: [UInt8] = []
            guest.run {
                received += server.receive() ?? []
                return received.count >= data.count
            }
            #expect(received == data)
        }

        @Test func `datagrams in one frame are taken apart`() throws {
            let guest = try Guest()
            let server = HostSocket.datagram()
            let frame = guest.builder.udp(
                from: guest.endpoint(7), to: Endpoint(Guest.gateway, server.port), checksum: .partial,
                payload: [1, 2, 3, 4, 5])
            let offload = OffloadDescriptor(
                segmentation: .udp, segmentSize: 2, headerLength: 42, needsChecksum: true, checksumStart: 34,
                checksumOffset: 6)
            #expect(guest.send(frame, offload: offload) == nil)
            #expect((0..<3).map { _ in server.receive() } == [[1, 2], [3, 4], [5]])
        }

        @Test func `a segment that claims to be datagrams is malformed`() throws {
            let guest = try Guest()
            let frame = guest.builder.tcp(from: guest.endpoint(7), to: "1.2.3.4:5", flags: .syn)
            let offload = OffloadDescriptor(segmentation: .udp, segmentSize: 1)
            #expect(guest.send(frame, offload: offload) == .malformed)
        }

        // MARK: Large datagrams

        @Test func `a datagram larger than the MTU crosses in fragments both ways`() throws {
            let guest = try Guest()
            let server = HostSocket.datagram()
            let data = [UInt8]((0..<20_000).map { UInt8(truncatingIfNeeded: $0 / 3) })
            let whole = guest.builder.udp(
                from: guest.endpoint(7), to: Endpoint(Guest.gateway, server.port), payload: data)
            #expect(guest.send(batch: Fragments.of(whole, size: 1480)) == [:])
            #expect(server.echoDatagram() == data)
            var reassembler = FragmentReassembler()
            let datagram: [UInt8]? = guest.await { frame in
                guard let packet = Packet(frame) else { return nil }
                let now = NATTime(guest.now)
                guard case .complete(let whole) = reassembler.insert(frame.span, packet.header, now: now) else {
                    return nil
                }
                return Packet(whole)?.udp?.data
            }
            #expect(datagram == data)
        }

        @Test func `a ping larger than the MTU is answered`() throws {
            let guest = try Guest()
            let data = [UInt8]((0..<5000).map { UInt8(truncatingIfNeeded: $0) })
            let ping = guest.builder.echoRequest(from: .v4(Guest.address), to: .v4(Guest.gateway), payload: data)
            #expect(guest.send(batch: Fragments.of(ping, size: 1480)) == [:])
            #expect(guest.frames.count == 4)
            #expect(guest.frames.allSatisfy { $0.count <= 1514 })
            var reassembler = FragmentReassembler()
            let replies: [[UInt8]] = guest.take().compactMap { frame in
                guard let packet = Packet(frame),
                    case .complete(let whole) = reassembler.insert(
                        frame.span, packet.header, now: NATTime(guest.now))
                else { return nil }
                return Packet(whole)?.icmp?.data
            }
            #expect(replies == [data])
        }
    }
}
