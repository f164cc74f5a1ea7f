import CSlirp
import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Connections that libslirp opens to the guest, from a listener that was added behind the NAT's back.
    @Suite struct ForwardedConnectionTests {
        /// A host port that leads to the guest's port 22.
        private func forward(_ guest: Guest) throws -> UInt16 {
            let host = in_addr(s_addr: INADDR_LOOPBACK.bigEndian)
            let target = in_addr(s_addr: Guest.address.bits.bigEndian)
            // A test beside this one may take the port before libslirp has it.
            for _ in 0..<100 {
                let free = HostSocket.listener().port
                // Safety: the NAT is alive.
                let result = unsafe slirp_add_hostfwd(
                    guest.nat.first.instance.slirp, 0, host, Int32(free), target, 22)
                guard result != 0 else {
                    guest.nat.slirp.fill(0)
                    return free
                }
            }
            throw PortsTaken()
        }

        /// Every port that was free has been taken by somebody else before it was listened on.
        private struct PortsTaken: Error {}

        private func connect(to port: UInt16) -> Int32 {
            let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue | SOCK_NONBLOCK.rawValue), 0)
            var name = sockaddr_in()
            name.sin_family = sa_family_t(AF_INET)
            name.sin_addr.s_addr = INADDR_LOOPBACK.bigEndian
            name.sin_port = port.bigEndian
            // Safety: a sockaddr_in is a sockaddr to the call.
            _ = unsafe withUnsafePointer(to: &name) { pointer in
                unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                    unsafe Glibc.connect(client, $0, socklen_t(MemoryLayout<sockaddr_in>.size))
                }
            }
            return client
        }

        @Test func `an accepted socket is not inherited by programs, and its connection is watched for order`() throws {
            let guest = try Guest()
            guest.send(CraftedFrames.announcement(of: Guest.address, at: Guest.station))
            let port = try forward(guest)
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.deadline == nil)
            let client = connect(to: port)
            defer { close(client) }
            let syn = try #require(guest.await { Packet($0)?.tcp?.header })
            #expect(syn.flags == .syn)
            #expect(guest.nat.flowCount == 1)
            let slots = 0..<guest.nat.context.flows.sockets.slotCount
            let accepted = try #require(
                slots.map { guest.nat.context.flows.sockets[$0] }.first { $0.kind == .tcp })
            #expect(fcntl(accepted.descriptor, F_GETFD) & FD_CLOEXEC != 0)

            let remote = Endpoint(Guest.gateway, syn.sourcePort)
            func segment(_ flags: TCPHeader.Flags, _ sequence: UInt32, _ data: [UInt8] = []) -> [UInt8] {
                guest.builder.tcp(
                    from: guest.endpoint(22), to: remote, flags: flags, sequence: sequence,
                    acknowledgement: syn.sequence &+ 1, payload: data)
            }
            #expect(guest.send(segment([.syn, .ack], 500)) == nil)
            #expect(guest.send(segment([.syn, .ack], 500)) == .outOfOrder)
            #expect(guest.send(segment(.ack, 502, [2])) == nil)
            #expect(guest.send(segment(.ack, 501, [1])) == nil)
            #expect(guest.send(segment(.ack, 502, [2])) == nil)
            var received = [UInt8](repeating: 0, count: 16)
            // Safety: the kernel writes at most sixteen bytes.
            #expect(guest.run { unsafe recv(client, &received, 16, Int32(MSG_PEEK)) == 2 })
            #expect(received.prefix(2) == [1, 2])
        }

        @Test(
            arguments: [
                // MSS 1460; SACK permitted first and MSS 1400 at an odd place.
                (options: [2, 4, 0x05, 0xb4], size: 1460),
                (options: [4, 2, 1, 2, 4, 0x05, 0x78, 0], size: 1400),
            ] as [(options: [UInt8], size: UInt16)])
        func `a guest that answers is sent large segments, cut as it has asked`(
            options: [UInt8], size: UInt16
        ) throws {
            let guest = try Guest()
            guest.send(CraftedFrames.announcement(of: Guest.address, at: Guest.station))
            let client = connect(to: try forward(guest))
            defer { close(client) }
            let syn = try #require(guest.await { Packet($0)?.tcp?.header })
            let connection = Connection(guest, from: 22, to: Endpoint(Guest.gateway, syn.sourcePort), sequence: 500)
            connection.answer(syn, options: options)
            let data = (0..<100_000).map { UInt8(truncatingIfNeeded: $0 / 251) }
            // Safety: the kernel reads within the array during the call.
            #expect(unsafe send(client, data, data.count, 0) == data.count)
            #expect(connection.run { connection.received.count == data.count })
            #expect(connection.received == data)
            #expect(connection.largestSegment == 16364)
            #expect(connection.offloads.map(\.segmentSize) == [size])
        }
    }
}
