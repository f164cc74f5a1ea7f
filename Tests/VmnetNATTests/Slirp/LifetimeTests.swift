import Glibc
import Synchronization
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// What a NAT costs when nothing happens, and what it leaves behind.
    @Suite struct LifetimeTests {
        private static var openDescriptors: Int {
            (0..<4096).count { fcntl($0, F_GETFD) >= 0 }
        }

        @Test func `without a flow nothing is ever due`() throws {
            let guest = try Guest()
            #expect(guest.nat.deadline == nil)
            let everyone = FrameBuilder(from: Guest.station, to: .broadcast)
            guest.send(everyone.arpRequest(from: Guest.address, for: Guest.gateway))
            guest.send(guest.builder.echoRequest(from: .v4(Guest.address), to: .v4(Guest.gateway)))
            #expect(guest.frames.count == 2)
            #expect(guest.nat.deadline == nil)
            #expect(!guest.nat.isPaused)
        }

        @Test func `a UDP flow is looked at when it is over, and not before`() throws {
            let server = HostSocket.datagram()
            let guest = try Guest()
            let remote = Endpoint(Guest.gateway, server.port)
            guest.send(guest.builder.udp(from: guest.endpoint(7), to: remote, payload: [1]))
            let deadline = try #require(guest.nat.deadline)
            #expect(deadline - guest.now > .seconds(29))
            guest.pass(.seconds(31))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.deadline == nil)
        }

        @Test func `a first datagram after a long silence is a flow like any other`() throws {
            let server = HostSocket.datagram()
            let guest = try Guest()
            let remote = Endpoint(Guest.gateway, server.port)
            guest.send(guest.builder.echoRequest(from: .v4(Guest.address), to: .v4(Guest.gateway)))
            _ = guest.take()
            guest.pass(.seconds(3600))
            guest.send(guest.builder.udp(from: guest.endpoint(7), to: remote, payload: [1]))
            guest.pass(.seconds(10))
            #expect(guest.nat.flowCount == 1)
            #expect(server.echoDatagram() == [1])
            #expect(guest.await { Packet($0)?.udp } != nil)
        }

        @Test func `a connection that the guest forgot while it was closed is given up`() throws {
            let guest = try Guest()
            let (_, server) = try ConnectionGuardTests.open(guest)
            server.shutdownWriting()
            // The guest takes everything in and acknowledges nothing.
            guest.pass(.seconds(200))
            #expect(guest.nat.flowCount == 1)
            guest.pass(.seconds(100))
            #expect(guest.nat.flowCount == 0)
            #expect(server.receive() == [])
        }

        @Test func `an idle connection is kept for hours`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            guest.pass(.seconds(7200))
            #expect(guest.nat.flowCount == 1)
            connection.send([1])
            #expect(guest.run { server.receive() == [1] })
        }

        @Test func `UDP sockets do not block, and have room for what the interface does not take at once`() throws {
            let server = HostSocket.datagram()
            let guest = try Guest()
            let remote = Endpoint(Guest.gateway, server.port)
            guest.send(guest.builder.udp(from: guest.endpoint(7), to: remote, payload: [1]))
            let descriptor = guest.nat.udp.flows[0].descriptor
            #expect(fcntl(descriptor, F_GETFL) & O_NONBLOCK != 0)
            #expect(fcntl(descriptor, F_GETFD) & FD_CLOEXEC != 0)
            func sendBuffer(_ descriptor: Int32) -> Int32 {
                var value: Int32 = 0
                var size = socklen_t(MemoryLayout<Int32>.size)
                // Safety: the kernel writes one integer.
                _ = unsafe getsockopt(descriptor, SOL_SOCKET, SO_SNDBUF, &value, &size)
                return value
            }
            // The host's limit may be the default.
            #expect(sendBuffer(descriptor) >= sendBuffer(server.descriptor))
        }

        @Test func `a socket that a starting program has a copy of is not watched once it is closed`() throws {
            let guest = try Guest()
            let (connection, server) = try ConnectionGuardTests.open(guest)
            let copy = dup(guest.nat.context.flows.sockets[0].descriptor)
            defer { close(copy) }
            guest.send(connection.segment([.rst, .ack]))
            #expect(guest.nat.flowCount == 0)
            server.send([1])
            var poll = pollfd(fd: guest.nat.descriptor, events: Int16(POLLIN), revents: 0)
            // Safety: one structure.
            #expect(unsafe Glibc.poll(&poll, 1, 20) == 0)
        }

        @Test func `a thousand NATs with open flows leave no descriptor behind`() async {
            // In a process of its own, where no other test opens or closes anything.
            await #expect(processExitsWith: .success) {
                let listener = HostSocket.listener()
                let server = HostSocket.datagram()
                let before = LifetimeTests.openDescriptors
                for _ in 0..<1000 {
                    let guest = try Guest()
                    let remote = Endpoint(Guest.gateway, listener.port)
                    guest.send(guest.builder.tcp(from: guest.endpoint(7), to: remote, flags: .syn))
                    let peer = Endpoint(Guest.gateway, server.port)
                    guest.send(guest.builder.udp(from: guest.endpoint(7), to: peer, payload: [1]))
                    precondition(guest.nat.flowCount == 2)
                    while listener.accept() != nil {}
                }
                // One may be the runtime's own, opened meanwhile.
                precondition(LifetimeTests.openDescriptors <= before + 1)
                precondition(SocketBudget.openCount.load(ordering: .relaxed) == 0)
            }
        }

        @Test func `a gateway that is no host of the network is refused`() throws {
            for (gateway, prefix) in [("192.168.64.0", 24), ("192.168.64.255", 24), ("10.0.0.1", 24), ("10.0.0.1", 31)]
            {
                let subnet = try #require(
                    IPv4Subnet(containing: prefix == 31 ? "10.0.0.0" : "192.168.64.0", prefixLength: prefix))
                #expect(throws: NATError.self) {
                    try Guest(
                        NATConfiguration(gatewayAddress: IPv4Address(stringLiteral: gateway), subnet: subnet))
                }
            }
        }

        @Test(arguments: [0, 100, 1500, 9000, 21880, 65535])
        func `any MTU works, and none makes segments larger than libslirp can use`(mtu: Int) throws {
            let guest = try Guest { $0.mtu = mtu }
            let (connection, server) = try ConnectionGuardTests.open(guest)
            let data = [UInt8](repeating: 7, count: 200_000)
            #expect(server.send(data) == data.count)
            #expect(connection.run { connection.received.count == data.count })
            #expect(connection.largestSegment == 16364)
        }
    }
}
