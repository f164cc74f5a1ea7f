import OpenVmnet
import Testing
import VmnetDHCP
import VmnetSystem
import VmnetTesting
import VmnetWire

@Suite struct InterfaceTests {
    @Test func `an interface says what its guest has to be told`() throws {
        let network = try runningNetwork(
            "vmnet-shared,start-address=10.79.0.1,end-address=10.79.0.20,subnet-mask=255.255.255.0,"
                + "nat66-prefix=fd12:3456:789a::,mtu=9000")
        let parameters = try network.makeInterface().parameters
        #expect(parameters.mtu == 9000 && parameters.maximumPacketByteCount == 9014)
        #expect(parameters.addresses == network.addresses && parameters.nat66Prefix == "fd12:3456:789a::")
        #expect(parameters.readLimit == 256 && parameters.writeLimit == 256)
        let joined = try network.makeInterface(InterfaceConfiguration(enablesTSO: true)).parameters
        #expect(joined.maximumPacketByteCount == 65549 && joined.id != parameters.id)
    }

    @Test func `the same id gets the same MAC address and the same lease`() throws {
        let id = try #require(InterfaceID("3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"))
        let network = try runningNetwork()
        let other = try network.makeInterface()
        #expect(try other.lease() != nil)
        let first = try network.makeInterface(InterfaceConfiguration(id: id))
        let lease = try #require(try first.lease())
        let station = first.parameters.macAddress
        #expect(!station.isMulticast && station.bits >> 40 & 2 != 0)
        first.stop()
        #expect(try network.makeInterface().lease() != nil)
        let second = try network.makeInterface(InterfaceConfiguration(id: id))
        #expect(second.parameters.macAddress == station && second.parameters.id == id)
        #expect(try second.lease()?.address == lease.address)
        #expect(network.status().ports.contains { $0.interfaceID == id })
    }

    @Test func `an answer is there when the write returns`() throws {
        let network = try runningNetwork()
        let interface = try network.makeInterface()
        let gateway = try #require(network.host?.address)
        try interface.send([interface.builder().arpRequest(from: gateway.advanced(by: 8), for: gateway)])
        #expect(interface.waitingPacketCount == 1)
        let reply = try #require(try interface.take().first)
        #expect(try ARPPacket(parsing: reply.span.extracting(droppingFirst: 14)).senderAddress == gateway)
        #expect(try interface.take() == [])
    }

    @Test(arguments: [false, true])
    func `services of the host are close behind an interface whose segments are cut`(joinsSegments: Bool) async throws {
        let listener = try InternetSocket.bindStream(to: InternetEndpoint(high: 0, low: 0xffff_7f00_0001, port: 0))
        let name = try #require(InternetEndpoint(nameOf: listener.raw))
        try InternetSocket.listen(listener.raw, at: name)
        let network = try runningNetwork()
        let interface = try network.makeInterface(InterfaceConfiguration(enablesTSO: joinsSegments))
        let host = try #require(network.host)
        let address = try #require(try interface.lease()).address
        try interface.send([
            interface.builder(to: host.station).tcp(
                from: Endpoint(address, 40_000), to: Endpoint(host.address, name.port), flags: .syn)
        ])
        var window: Int?
        let deadline = ContinuousClock.now + .seconds(10)
        while window == nil, .now < deadline {
            if let peer = try Socket.accept(listener.raw) { window = longestWindow(of: peer.raw) }
            try await Task.sleep(for: .milliseconds(1))
        }
        let longest = try #require(window)
        #expect(joinsSegments ? longest > 131_070 : longest == 131_070)
    }

    @Test func `two interfaces reach each other, unless one is isolated`() throws {
        let network = try runningNetwork()
        let (anna, bert) = (try network.makeInterface(), try network.makeInterface())
        let alone = try network.makeInterface(InterfaceConfiguration(isIsolated: true))
        let call = anna.builder().ethernet(.arp, payload: [1])
        try anna.send([call])
        #expect(try bert.take() == [call] && alone.take() == [])
        let answer = bert.builder(to: anna.parameters.macAddress).ethernet(.ipv6, payload: [2])
        try bert.send([answer])
        #expect(try anna.take() == [answer])
    }

    @Test func `a batch takes what is right of it, and says what is wrong`() throws {
        let network = try runningNetwork()
        let (anna, bert) = (try network.makeInterface(), try network.makeInterface())
        let frames = (0..<3).map { anna.builder().ethernet(.ipv6, payload: [UInt8($0)]) }
        let tooLong = frames[0] + [UInt8](repeating: 0, count: 1500)
        let (first, second) = (frames[0], frames[1])
        try anna.write { batch throws(VmnetError) in
            try batch.add(first.span)
            expectStatus(.packetTooBig, of: &batch, tooLong)
            expectStatus(.invalidArgument, of: &batch, Array("VFKT".utf8))
            try batch.add(second.span)
        }
        #expect(try bert.take() == Array(frames.prefix(2)))
        // What was added before an error has been sent.
        #expect(status { try anna.send([frames[2], tooLong]) } == .packetTooBig)
        #expect(try bert.take() == [frames[2]])
        #expect(anna.statistics.receivedFrames == 3 && anna.statistics.droppedFrames == 0)
        #expect(bert.statistics.sentFrames == 3)
    }

    @Test func `no more packets pass in one call than the limit says`() throws {
        let network = try runningNetwork()
        let (anna, bert) = (try network.makeInterface(), try network.makeInterface())
        let frame = anna.builder().ethernet(.ipv6, payload: [])
        #expect(status { try anna.send([[UInt8]](repeating: frame, count: 257)) } == .tooManyPackets)
        #expect(status { _ = try bert.read(upTo: 257) { _, _ in true } } == .tooManyPackets)
        #expect(try bert.take().count == 256)
    }

    @Test func `a burst loses what does not fit, and nothing stalls afterwards`() throws {
        let network = try runningNetwork()
        let (anna, bert) = (try network.makeInterface(), try network.makeInterface())
        try bert.send([bert.builder().ethernet(.ipv6, payload: [])])
        let frame = anna.builder(to: bert.parameters.macAddress).ethernet(
            .ipv6, payload: [UInt8](repeating: 1, count: 1500))
        for _ in 0..<30 { try anna.send([[UInt8]](repeating: frame, count: 100)) }
        let waiting = bert.waitingPacketCount
        #expect(waiting < 3000 && bert.statistics.dropped["queue_full"] == UInt64(3000 - waiting))
        var count = 0
        while true {
            let taken = try bert.take(200).count
            if taken == 0 { break }
            count += taken
        }
        #expect(count == waiting)
        for _ in 0..<10 {
            try anna.send([frame])
            #expect(try bert.take() == [frame])
        }
    }

    @Test func `after stop reads and writes say so, and the others go on`() throws {
        let network = try runningNetwork()
        let (anna, bert) = (try network.makeInterface(), try network.makeInterface())
        anna.stop()
        anna.stop()
        #expect(status { _ = try anna.take() } == .setupIncomplete)
        #expect(status { try anna.send([]) } == .setupIncomplete)
        #expect(network.status().ports.count == 1)
        #expect(try bert.lease() != nil)
        network.stop()
        #expect(status { try bert.send([]) } == .setupIncomplete)
        #expect(status { _ = try network.makeInterface() } == .setupIncomplete)
    }

    @Test func `options that exclude each other are refused`() throws {
        let network = try runningNetwork()
        let wrong = [
            InterfaceConfiguration(enablesChecksumOffload: true, hasVirtioHeader: true),
            InterfaceConfiguration(macAddress: .broadcast), InterfaceConfiguration(macAddress: .zero),
        ]
        for configuration in wrong {
            #expect(status { _ = try network.makeInterface(configuration) } == .invalidArgument)
        }
    }

    @Test func `interfaces with and without offload understand each other`() throws {
        let network = try runningNetwork()
        let plain = try network.makeInterface()
        let joining = try network.makeInterface(InterfaceConfiguration(enablesTSO: true))
        let careless = try network.makeInterface(InterfaceConfiguration(enablesChecksumOffload: true))
        let virtio = try network.makeInterface(InterfaceConfiguration(enablesTSO: true, hasVirtioHeader: true))
        let payload = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 >> 6) }
        let segments = joining.builder().tcp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, sequence: 1, payload: payload)
        try joining.send([segments])
        var received: [UInt8] = []
        for packet in try plain.take() {
            #expect(packet.count <= 1514 && isChecksumRight(packet))
            received += packet.dropFirst(54)
        }
        #expect(received == payload)
        let whole = try #require(try virtio.take().first)
        #expect(whole.count == 12 + segments.count)
        let offload = try VirtioNetHeader(parsing: whole.span).offload
        #expect(offload.segmentation == .tcpv4 && offload.segmentSize == 1460 && offload.needsChecksum)
        // Back from there, with its partial checksum.
        try virtio.send([whole])
        let answer = try #require(try joining.take().first)
        #expect(answer.count == segments.count && isChecksumRight(answer))

        var datagram = careless.builder().udp(from: "10.0.0.1:1", to: "10.0.0.2:2", payload: [1, 2, 3])
        datagram[40] = 0xab
        datagram[41] = 0xcd
        _ = try plain.take()
        try careless.send([datagram])
        #expect(try plain.take().allSatisfy(isChecksumRight))
    }

    private func isChecksumRight(_ packet: [UInt8]) -> Bool {
        guard let checksum = TransportChecksum(of: packet.span) else { return false }
        var copy = packet
        copy.store(be16: checksum.pseudoHeaderSum, at: checksum.start + checksum.offset)
        var span = copy.mutableSpan
        try? PartialChecksum.complete(in: &span, start: checksum.start, offset: checksum.offset)
        return copy == packet
    }
}

/// How vmnet calls what `body` throws.
func status(_ body: () throws -> Void) -> VmnetStatus {
    do {
        try body()
        return .success
    } catch {
        return (error as? VmnetError)?.status ?? .failure
    }
}

private func expectStatus(_ expected: VmnetStatus, of batch: inout PacketBatch, _ packet: [UInt8]) {
    do throws(VmnetError) {
        try batch.add(packet.span)
        Issue.record("it was taken")
    } catch {
        #expect(error.status == expected)
    }
}
