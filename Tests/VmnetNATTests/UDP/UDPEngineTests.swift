import Testing
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite struct UDPEngineTests {
    private static let gateway = Guest.gateway

    private func outside(_ port: HostPort) -> Endpoint {
        port.endpoint.isIPv4
            ? Endpoint(port.endpoint.address.mapped, port.endpoint.port)
            : Endpoint(port.endpoint.address, port.endpoint.port)
    }

    // MARK: Addresses

    @Test func `a service on the host is at the gateway, and answers from there`() throws {
        let guest = try UDPGuest()
        let service = try HostPort()
        let gateway = Endpoint(Self.gateway, service.endpoint.port)
        #expect(guest.send(from: 1025, to: gateway, [1, 2, 3]) == nil)
        service.answer()
        #expect(
            guest.receive() == [
                UDPGuest.Datagram(
                    source: gateway, destination: Endpoint(UDPGuest.address, 1025), payload: [1, 2, 3])
            ])
    }

    @Test func `a service on the host is at the gateway over IPv6`() throws {
        let guest = try UDPGuest()
        let service = try HostPort("::1")
        let gateway = Endpoint("fd00:64::2" as IPv6Address, service.endpoint.port)
        #expect(guest.send(from: 1025, to: gateway, [1, 2, 3]) == nil)
        service.answer()
        #expect(
            guest.receive() == [
                UDPGuest.Datagram(
                    source: gateway, destination: Endpoint(UDPGuest.address6, 1025), payload: [1, 2, 3])
            ])
    }

    @Test func `many peers of one port see it at one address, and each answer comes from its own`() throws {
        let guest = try UDPGuest()
        let peers = try (2...9).map { try HostPort(.v4(IPv4Address(bits: 0x7f00_0000 + $0))) }
        for peer in peers { guest.send(from: 1025, to: outside(peer), [UInt8(peer.endpoint.low & 255)]) }
        var sources: Set<UInt16> = []
        for peer in peers.reversed() {
            for message in peer.receive() {
                sources.insert(message.source.port)
                peer.send(message.payload, to: message.source)
                peer.send(message.payload + [0], to: message.source)
            }
        }
        #expect(sources.count == 1)
        #expect(guest.flowCount == 1)
        let answers = guest.receive(2 * peers.count)
        #expect(answers.count == 2 * peers.count)
        for answer in answers {
            guard case .v4(let address) = answer.source.address else { preconditionFailure("\(answer)") }
            #expect(answer.payload.first == UInt8(address.bits & 255))
            #expect(peers.map(outside).contains(answer.source))
        }
    }

    @Test func `the gateway and a host outside do not mix, though both are asked from one port`() throws {
        let guest = try UDPGuest()
        let (service, peer) = (try HostPort(), try HostPort("127.0.0.2"))
        let gateway = Endpoint(Self.gateway, service.endpoint.port)
        guest.send(from: 1025, to: gateway, [1])
        guest.send(from: 1025, to: outside(peer), [2])
        service.answer()
        peer.answer()
        let answers = guest.receive(2)
        #expect(Set(answers.map(\.source)) == [gateway, outside(peer)])
        for answer in answers { #expect(answer.payload == (answer.source == gateway ? [1] : [2])) }
    }

    @Test func `an answer from another port of the peer comes with that port`() throws {
        let guest = try UDPGuest()
        let (peer, other) = (try HostPort("127.0.0.2"), try HostPort("127.0.0.2"))
        guest.send(from: 1025, to: outside(peer), [1])
        let message = try #require(peer.receive().first)
        other.send([2], to: message.source)
        #expect(guest.receive().map(\.source) == [outside(other)])
    }

    @Test func `a host that the port has not sent to is not heard`() throws {
        let guest = try UDPGuest()
        let (peer, stranger) = (try HostPort("127.0.0.2"), try HostPort("127.0.0.3"))
        guest.send(from: 1025, to: outside(peer), [1])
        let message = try #require(peer.receive().first)
        stranger.send([2], to: message.source)
        peer.send([3], to: message.source)
        #expect(guest.receive().map(\.payload) == [[3]])
        #expect(guest.counters.unsolicited == 1)
    }

    @Test func `at the gateway a port of the host is not heard that was not sent to`() throws {
        let guest = try UDPGuest()
        let (service, stranger) = (try HostPort(), try HostPort())
        guest.send(from: 1025, to: Endpoint(Self.gateway, service.endpoint.port), [1])
        let message = try #require(service.receive().first)
        stranger.send([2], to: message.source)
        service.send([3], to: message.source)
        #expect(guest.receive().map(\.payload) == [[3]])
        #expect(guest.counters.unsolicited == 1)
    }

    // MARK: Batches

    @Test func `a batch may begin with empty datagrams, or be nothing else`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        let empty = guest.builder.udp(from: Endpoint(UDPGuest.address, 1025), to: outside(peer), payload: [])
        for _ in 0..<3 { #expect(guest.stage(empty) == nil) }
        guest.flush()
        #expect(peer.payloads() == [[], [], []])
    }

    @Test func `datagrams of a batch arrive whole and in order, whatever their sizes`() throws {
        let guest = try UDPGuest()
        let peers = [try HostPort("127.0.0.2"), try HostPort("127.0.0.3")]
        let sizes = [100, 100, 100, 40, 100, 0, 1400, 1400, 3, 3, 3, 0, 0, 1472, 1]
        var sent: [[[UInt8]]] = [[], []]
        for (index, size) in sizes.enumerated() {
            for (number, peer) in peers.enumerated() {
                let payload = [UInt8](repeating: UInt8(index * 2 + number), count: size)
                sent[number].append(payload)
                guest.stage(
                    guest.builder.udp(from: Endpoint(UDPGuest.address, 1025), to: outside(peer), payload: payload))
            }
        }
        guest.flush()
        #expect(peers[0].payloads() == sent[0])
        #expect(peers[1].payloads() == sent[1])
    }

    @Test func `a long run of datagrams arrives whole`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        for index in 0..<100 {
            let frame = guest.builder.udp(
                from: Endpoint(UDPGuest.address, 1025), to: outside(peer),
                payload: [UInt8](repeating: UInt8(index), count: 300))
            #expect(guest.stage(frame) == nil)
        }
        guest.flush()
        let payloads = peer.payloads()
        #expect(payloads.map(\.first) == (UInt8(0)..<100).map { $0 })
        #expect(payloads.allSatisfy { $0.count == 300 })
    }

    @Test func `more than can be staged leaves early`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        for index in 0..<10 {
            let payload = [UInt8](repeating: UInt8(index), count: 60_000)
            guest.stage(
                guest.builder.udp(from: Endpoint(UDPGuest.address, 1025), to: outside(peer), payload: payload))
            if index % 3 == 2 { #expect(peer.payloads().allSatisfy { $0.count == 60_000 }) }
        }
        guest.flush()
        #expect(peer.payloads().last?.first == 9)
    }

    @Test func `a super-frame of the guest leaves as its datagrams`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        let payload = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 / 1400) }
        let frame = guest.builder.udp(
            from: Endpoint(UDPGuest.address, 1025), to: outside(peer), checksum: .partial, payload: payload)
        let offload = OffloadDescriptor(
            segmentation: .udp, segmentSize: 1400, headerLength: 42, needsChecksum: true, checksumStart: 34,
            checksumOffset: 6)
        #expect(guest.stage(frame, offload: offload) == nil)
        guest.flush()
        let payloads = peer.payloads()
        #expect(payloads.map(\.count) == [1400, 1400, 1400, 1400, 1400, 1400, 1400, 200])
        #expect(payloads.flatMap { $0 } == payload)
    }

    @Test func `a super-frame of absurdly many datagrams is malformed`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        let frame = guest.builder.udp(
            from: Endpoint(UDPGuest.address, 1025), to: outside(peer), payload: [UInt8](repeating: 0, count: 1000))
        for size in [UInt16(0), 1, 7] {
            let offload = OffloadDescriptor(segmentation: .udp, segmentSize: size, needsChecksum: true)
            #expect(guest.stage(frame, offload: offload) == .malformed)
        }
    }

    @Test func `datagrams of one size that come in a row are one frame`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        guest.send(from: 1025, to: outside(peer), [0])
        let message = try #require(peer.receive().first)
        for index in UInt8(0)..<7 { peer.send([UInt8](repeating: index, count: 1000), to: message.source) }
        peer.send([7], to: message.source)
        peer.send([8, 8], to: message.source)
        let frames = guest.frames(of: 9)
        #expect(frames.map(\.offload.segmentation) == [.udp, .none])
        #expect(frames[0].offload.segmentSize == 1000)
        #expect(frames[0].bytes.count == 42 + 7001)
        for frame in frames { #expect(UDPGuest.isIntact(frame.bytes, frame.offload)) }
    }

    // MARK: Checksums

    @Test(arguments: [FrameBuilder.Checksum.correct, .zero, .partial])
    func `a datagram with a right, no or partial checksum goes through`(checksum: FrameBuilder.Checksum) throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        #expect(guest.send(from: 1025, to: outside(peer), checksum: checksum, [1, 2, 3]) == nil)
        #expect(peer.payloads() == [[1, 2, 3]])
    }

    @Test func `a datagram with a wrong checksum, or none over IPv6, is dropped`() throws {
        let guest = try UDPGuest()
        let (peer, peer6) = (try HostPort("127.0.0.2"), try HostPort("::1"))
        #expect(guest.send(from: 1025, to: outside(peer), checksum: .wrong, [1, 2, 3]) == .malformed)
        #expect(guest.send(from: 1025, to: outside(peer6), checksum: .wrong, [1, 2, 3]) == .malformed)
        #expect(guest.send(from: 1025, to: outside(peer6), checksum: .zero, [1, 2, 3]) == .malformed)
        #expect(guest.flowCount == 0)
        #expect(peer.payloads().isEmpty && peer6.payloads().isEmpty)
    }

    // MARK: Time

    @Test func `without flows there is no deadline`() throws {
        let guest = try UDPGuest()
        #expect(guest.deadline == nil)
        let peer = try HostPort("127.0.0.2")
        guest.send(from: 1025, to: outside(peer), [1])
        guest.pass(1000)
        #expect(guest.flowCount == 0 && guest.deadline == nil)
    }

    @Test func `a flow lives for half a minute, and two minutes once it has been answered`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        guest.send(from: 1025, to: outside(peer), [1])
        #expect(guest.deadline == 30)
        guest.pass(29)
        #expect(guest.flowCount == 1)
        guest.send(from: 1025, to: outside(peer), [1])
        #expect(guest.deadline == 30)
        peer.answer()
        #expect(guest.receive(2).count == 2)
        #expect(guest.deadline == 120)
        guest.pass(119)
        #expect(guest.flowCount == 1)
        guest.pass(1)
        #expect(guest.flowCount == 0)
    }

    // MARK: Limits

    @Test func `a new flow takes the place of the oldest that nobody has answered`() throws {
        let guest = try UDPGuest { $0.limits.maximumUDP = 3 }
        let peer = try HostPort("127.0.0.2")
        for port in UInt16(1)...2 { guest.send(from: port, to: outside(peer), [1]) }
        peer.answer()
        #expect(guest.receive(2).count == 2)
        for port in UInt16(3)...5 { #expect(guest.send(from: port, to: outside(peer), [1]) == nil) }
        #expect(guest.flowCount == 3 && guest.counters.evicted == 2)
        let sources = peer.receive()
        for message in sources { peer.send([9], to: message.source) }
        #expect(guest.receive().map(\.destination.port) == [5])
        #expect(guest.send(from: 6, to: outside(peer), [1]) == .flowLimit)
        #expect(guest.send(from: 1, to: outside(peer), [1]) == nil)
    }

    @Test func `a flow that comes too soon after others is refused`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        guest.send(from: 1, to: outside(peer), [1])
        guest.mayOpen = false
        #expect(guest.send(from: 2, to: outside(peer), [1]) == .flowRate)
        #expect(guest.send(from: 1, to: outside(peer), [1]) == nil)
    }

    @Test func `what the guest has no room for waits in the socket`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("127.0.0.2")
        guest.send(from: 1025, to: outside(peer), [1])
        peer.answer()
        guest.room = 1000
        #expect(guest.receiveNow().isEmpty && guest.isPaused)
        guest.room = 1 << 20
        #expect(guest.receive().map(\.payload) == [[1]])
        #expect(!guest.isPaused)
    }

    // MARK: Errors

    @Test func `a closed port of the host is reported, and the flow goes on`() throws {
        let guest = try UDPGuest()
        var closed: HostPort? = try HostPort()
        let port = try #require(closed?.endpoint.port)
        closed = nil
        let service = try HostPort()
        #expect(guest.send(from: 1025, to: Endpoint(Self.gateway, port), [1, 2, 3]) == nil)
        let report = try #require(guest.receiveError())
        let (header, data) = try #require(report.icmp)
        #expect(report.header.source == Self.gateway && report.header.destination == UDPGuest.address)
        #expect(header.type == ICMPHeader.V4.destinationUnreachable)
        #expect(header.code == ICMPHeader.V4.portUnreachable)
        let quoted = try IPv4Header(parsing: (data + [UInt8](repeating: 0, count: 64)).span)
        #expect(quoted.source == UDPGuest.address && quoted.destination == Self.gateway)
        #expect(data[20..<24].elementsEqual([4, 1, UInt8(port >> 8), UInt8(port & 255)]))
        #expect(Array(data[28...]) == [1, 2, 3])
        guest.send(from: 1025, to: Endpoint(Self.gateway, service.endpoint.port), [4])
        service.answer()
        #expect(guest.receive().map(\.payload) == [[4]])
    }

    @Test func `an error about an earlier datagram does not cost a later one`() throws {
        let guest = try UDPGuest()
        var closed: HostPort? = try HostPort("127.0.0.2")
        let gone = outside(try #require(closed))
        closed = nil
        let peer = try HostPort("127.0.0.3")
        for round in UInt8(0)..<20 {
            guest.send(from: 1025, to: gone, [0])
            guest.send(from: 1025, to: outside(peer), [round])
        }
        #expect(peer.payloads() == (UInt8(0)..<20).map { [$0] })
        #expect(guest.flowCount == 1)
    }

    @Test func `errors are passed on at a limited rate`() throws {
        let guest = try UDPGuest { $0.limits.refusalsPerSecond = 3 }
        var closed: HostPort? = try HostPort("127.0.0.2")
        let gone = outside(try #require(closed))
        closed = nil
        for _ in 0..<30 {
            guest.send(from: 1025, to: gone, [0])
            guest.poll()
        }
        #expect(guest.counters.errors == 3)
    }

    @Test func `a type of service goes both ways`() throws {
        let guest = try UDPGuest()
        let peer = try HostPort("::1")
        let source = Endpoint(UDPGuest.address6, 1025)
        var frame = guest.builder.udp(from: source, to: outside(peer), payload: [1])
        frame[14] = 0x6b
        frame[15] = 0x80
        #expect(guest.stage(frame) == nil)
        guest.flush()
        #expect(peer.receive().map(\.typeOfService) == [0xb8])
    }

    // MARK: Hostile guests

    @Test func `no frame with a changed byte does more than be dropped`() throws {
        let guest = try UDPGuest { $0.limits.maximumUDP = 8 }
        let peer = try HostPort("127.0.0.2")
        var generator = SeededGenerator(seed: 7)
        let base = guest.builder.udp(
            from: Endpoint(UDPGuest.address, 1025), to: outside(peer), checksum: .zero,
            payload: [UInt8](repeating: 7, count: 200))
        for _ in 0..<2000 {
            var frame = base
            for _ in 0..<3 {
                frame[Int.random(in: 34..<44, using: &generator)] = .random(in: 0...255, using: &generator)
            }
            let offload = OffloadDescriptor(
                segmentation: Bool.random(using: &generator) ? .udp : .none,
                segmentSize: .random(in: 0...300, using: &generator), needsChecksum: .random(using: &generator),
                checksumStart: .random(in: 0...999, using: &generator), checksumOffset: 6)
            guest.stage(frame, offload: offload)
            if Int.random(in: 0..<20, using: &generator) == 0 {
                guest.flush()
                _ = guest.receiveNow()
            }
        }
        guest.flush()
        #expect(guest.flowCount <= 8)
    }
}
