import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// libslirp's large segments, and what the guest is to get of them.
    @Suite struct SegmentationTests {
        /// Opens a connection with these options on the SYN, and sends data to it; the connection as it is then.
        private func download(
            _ byteCount: Int, options: [UInt8] = [2, 4, 0x05, 0xb4], mtu: Int = 1500
        ) throws -> Connection {
            let guest = try Guest { $0.mtu = mtu }
            let listener = HostSocket.listener()
            let connection = Connection(guest, from: 40000, to: Endpoint(Guest.gateway, listener.port))
            connection.options = options
            try #require(connection.open())
            var accepted: HostSocket?
            guest.run {
                accepted = listener.accept()
                return accepted != nil
            }
            let server = try #require(accepted)
            let data = (0..<byteCount).map { UInt8(truncatingIfNeeded: $0 / 251) }
            #expect(server.send(data) == byteCount)
            #expect(connection.run { connection.received.count == byteCount })
            #expect(connection.received == data)
            return connection
        }

        private func segments(of size: UInt16) -> OffloadDescriptor {
            OffloadDescriptor(segmentation: .tcpv4, segmentSize: size, headerLength: 54)
        }

        @Test func `large segments say how they are to be cut, and their checksum is whole`() throws {
            let connection = try download(100_000)
            // `Connection` counts segments with a right checksum only.
            #expect(connection.largestSegment == 16364)
            #expect(connection.offloads == [segments(of: 1460)])
        }

        @Test func `what the guest takes in one piece comes plain`() throws {
            #expect(try download(1460).offloads == [])
            #expect(try download(1461).offloads == [segments(of: 1460)])
        }

        @Test(
            arguments: [
                (options: [2, 4, 0x02, 0x00], size: 512),
                // None: what everybody takes (RFC 9293, 3.7.1).
                (options: [], size: 536),
                // More than the network carries.
                (options: [2, 4, 0xff, 0xff], size: 1460),
                // Less than anybody means.
                (options: [2, 4, 0, 0], size: 88),
            ] as [(options: [UInt8], size: UInt16)])
        func `the guest's own limit counts`(options: [UInt8], size: UInt16) throws {
            #expect(try download(30_000, options: options).offloads == [segments(of: size)])
        }

        @Test func `a network with a large MTU gets large segments plain`() throws {
            let connection = try download(100_000, options: [2, 4, 0xff, 0], mtu: 65521)
            #expect(connection.largestSegment == 16364)
            #expect(connection.offloads == [])
            #expect(connection.peerSegmentSize == 16364)
        }

        @Test(arguments: [FrameBuilder.Checksum.partial, .correct])
        func `a super-frame of the guest arrives whole, whoever has summed it`(
            checksum: FrameBuilder.Checksum
        ) throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            let data = (0..<60_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
            let frame = connection.segment([.ack, .psh], data, checksum: checksum)
            let offload = OffloadDescriptor(
                segmentation: .tcpv4, segmentSize: 1460, headerLength: 54, needsChecksum: checksum == .partial,
                checksumStart: 34, checksumOffset: 16)
            #expect(guest.send(frame, offload: offload) == nil)
            var received: [UInt8] = []
            #expect(
                guest.run {
                    received += server.receive() ?? []
                    return received.count >= data.count
                })
            #expect(received == data)
            #expect(guest.send(frame, offload: OffloadDescriptor(segmentation: .tcpv6, segmentSize: 1)) == .malformed)
        }

        @Test func `the guest is told to send what the network carries`() throws {
            #expect(try download(1).peerSegmentSize == 1460)
            #expect(try download(1, mtu: 9000).peerSegmentSize == 8960)
        }
    }
}
