import Glibc
import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension LibraryTests {
    /// Floods, and descriptors running out.
    @Suite struct LimitTests {
        private func syns(_ guest: Guest, _ ports: ClosedRange<UInt16>, to remote: Endpoint) -> [[UInt8]] {
            ports.map { guest.builder.tcp(from: guest.endpoint($0), to: remote, flags: .syn) }
        }

        private func datagrams(_ guest: Guest, _ ports: ClosedRange<UInt16>, to remote: Endpoint) -> [[UInt8]] {
            ports.map { guest.builder.udp(from: guest.endpoint($0), to: remote, payload: [1]) }
        }

        @Test func `new flows of all kinds share one rate`() throws {
            let server = HostSocket.datagram()
            let remote = Endpoint(Guest.gateway, server.port)
            let guest = try Guest { $0.limits = FlowLimits(newFlowsPerSecond: 1, burst: 30) }
            #expect(guest.send(batch: datagrams(guest, 1...20, to: remote)) == [:])
            let drops = guest.send(batch: syns(guest, 1...20, to: "192.168.64.1:1"))
            #expect(drops == [.flowRate: 10])
            // What is known goes on.
            #expect(guest.send(batch: datagrams(guest, 1...20, to: remote)) == [:])
            guest.pass(.seconds(5))
            #expect(guest.send(batch: datagrams(guest, 21...40, to: remote))[.flowRate] == 15)
        }

        @Test func `UDP source ports have a cap, above which new ones take the place of the oldest`() throws {
            let server = HostSocket.datagram()
            let remote = Endpoint(Guest.gateway, server.port)
            let guest = try Guest { $0.limits.maximumUDP = 50 }
            #expect(guest.send(batch: datagrams(guest, 1...80, to: remote)) == [:])
            #expect(guest.nat.flowCount == 50)
            #expect(guest.nat.counters.evictedFlows == 30)
            guest.pass(.seconds(31))
            #expect(guest.nat.flowCount == 0)
            #expect(guest.nat.deadline == nil)
            #expect(guest.send(batch: datagrams(guest, 1...50, to: remote)) == [:])
        }

        @Test func `connections have a cap, and a flood to a silent host fills it no further`() throws {
            let guest = try Guest { $0.limits.maximumTCP = 50 }
            let listener = HostSocket.listener()
            let remote = Endpoint(Guest.gateway, listener.port)
            #expect(guest.send(batch: syns(guest, 1...80, to: remote)) == [.flowLimit: 30])
            #expect(guest.nat.flowCount == 50)
            // Nobody answers libslirp's SYN: it gives up by itself.
            guest.pass(.seconds(90))
            #expect(guest.nat.flowCount == 0)
        }

        @Test(.enabled(if: Guest.mayPing, "pings are forbidden: .ci/install tests allows them"))
        func `unanswered pings have a cap`() throws {
            let guest = try Guest { $0.limits.maximumICMP = 5 }
            // Documentation addresses (RFC 5737): an answer is not to be expected.
            let pings = (1...UInt16(20)).map {
                guest.builder.echoRequest(from: .v4(Guest.address), to: "192.0.2.1", sequence: $0)
            }
            let drops = guest.send(batch: pings)
            // Without a route each socket is closed at once, and the cap not reached.
            #expect(drops == [.flowLimit: 15] || guest.nat.flowCount == 0)
        }

        @Test func `a flood of fragments leaves nothing behind and keeps honest ones flowing`() throws {
            let server = HostSocket.datagram()
            let guest = try Guest()
            let data = [UInt8]((0..<9000).map { UInt8(truncatingIfNeeded: $0) })
            let whole = guest.builder.udp(
                from: guest.endpoint(7), to: Endpoint(Guest.gateway, server.port), payload: data)
            for identification in UInt16(100)..<3000 {
                guest.send(Fragments.of(whole, size: 1480, identification: identification)[1])
            }
            #expect(guest.nat.reassembler.heldByteCount <= FragmentReassembler.maximumBytes)
            #expect(guest.send(batch: Fragments.of(whole, size: 1480)) == [:])
            #expect(server.receive() == data)
            #expect(guest.nat.counters.reassembled == 1)
            guest.pass(.seconds(31))
            #expect(guest.nat.reassembler.isEmpty)
        }

        @Test func `sockets that cannot be made are survived`() async {
            await #expect(processExitsWith: .success) {
                let listener = HostSocket.listener()
                let server = HostSocket.datagram()
                let guest = try Guest()
                // After the NAT has looked at it: the guard is not there to help.
                var limit = rlimit(rlim_cur: 64, rlim_max: 64)
                // Safety: the kernel reads one structure.
                precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                for port in UInt16(1)...100 {
                    let remote = Endpoint(Guest.gateway, listener.port)
                    guest.send(guest.builder.tcp(from: guest.endpoint(port), to: remote, flags: .syn))
                    let peer = Endpoint(Guest.gateway, server.port)
                    guest.send(guest.builder.udp(from: guest.endpoint(port), to: peer, payload: [1]))
                    guest.send(
                        guest.builder.echoRequest(from: .v4(Guest.address), to: "192.0.2.1", sequence: port))
                }
                for _ in 0..<20 { guest.runOnce() }
                precondition(guest.nat.counters.failedSockets > 0)
                precondition(guest.nat.flowCount < 64)
                // What was open works on.
                let reply = guest.await { Packet($0)?.tcp?.header }
                precondition(reply?.flags == [.syn, .ack])
                guest.pass(.seconds(300))
                precondition(guest.nat.flowCount == 0)
            }
        }

        @Test func `the NATs of a process leave descriptors for the rest of it, and for each other`() async {
            await #expect(processExitsWith: .success) {
                var limit = rlimit(rlim_cur: 512, rlim_max: 512)
                // Safety: the kernel reads one structure.
                precondition(unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0)
                let server = HostSocket.datagram()
                let remote = Endpoint(Guest.gateway, server.port)
                func admitted(_ guest: Guest) -> Int {
                    for port in UInt16(1)...500 {
                        let reason = guest.send(
                            guest.builder.udp(from: guest.endpoint(port), to: remote, payload: [1]))
                        precondition(reason == nil || reason == .flowLimit)
                    }
                    return guest.nat.flowCount
                }
                let ceiling = 512 - SocketBudget.reserve
                let guests = try (1...6).map { _ in try Guest() }
                precondition(admitted(guests[0]) == ceiling / 4 * 3)
                for guest in guests[1...4] { precondition(admitted(guest) == ceiling / 16) }
                precondition(admitted(guests[5]) == 0)
                precondition(guests.allSatisfy { $0.nat.counters.failedSockets == 0 })
                precondition(guests[0].nat.flowCount + 4 * (ceiling / 16) == ceiling)
            }
        }
    }
}
