import Glibc
import Logging
import OpenVmnet
import Testing
import VmnetSystem
import VmnetTesting
import VmnetWire

/// A network, joined through sockets as another process does.
@Suite struct JoinedNetworkTests {
    private let network: Network

    init() throws {
        network = try runningNetwork(
            "vmnet-shared,start-address=10.79.0.1,end-address=10.79.0.20,subnet-mask=255.255.255.0,"
                + "nat66-prefix=fd12:3456:789a::")
    }

    private func joined() throws -> JoinedNetwork {
        try JoinedNetwork(serialization: network.serialization(), logger: silent)
    }

    @Test func `a joined network is what its owner has made`() throws {
        let joined = try joined()
        #expect(joined.name == network.name && joined.mode == .shared && joined.mtu == 1500)
        #expect(joined.addresses == network.addresses && joined.host == network.host)
        #expect(joined.nat66Prefix == "fd12:3456:789a::" && joined.identifier == nil)
        let parameters = try joined.makeInterface(InterfaceConfiguration(enablesTSO: true)).parameters
        #expect(parameters.addresses == network.addresses && parameters.maximumPacketByteCount == 65549)
        #expect(try network.serialization() == network.serialization())
    }

    @Test func `without the key nobody joins`() throws {
        let text = try network.serialization()
        let other = String(text.dropLast(1)) + (text.hasSuffix("0") ? "1" : "0")
        #expect(status { _ = try JoinedNetwork(serialization: other, logger: silent) } == .invalidAccess)
        #expect(status { _ = try JoinedNetwork(serialization: "hello", logger: silent) } == .invalidArgument)
        #expect(network.status().ports.isEmpty)
    }

    @Test func `interfaces of one segment reach each other, wherever they are, unless one is isolated`() throws {
        let joined = try joined()
        let (anna, bert) = (try joined.makeInterface(), try joined.makeInterface())
        let local = try network.makeInterface()
        let alone = try joined.makeInterface(InterfaceConfiguration(isIsolated: true))
        let call = anna.builder().ethernet(.arp, payload: [1])
        try anna.send([call])
        #expect(try bert.next() == call && local.next() == call)
        let answer = bert.builder(to: anna.parameters.macAddress).ethernet(.ipv6, payload: [2])
        try bert.send([answer])
        #expect(try anna.next() == answer)
        #expect(alone.waitingPacketCount == 0)
        #expect(anna.statistics.receivedFrames == 1 && anna.statistics.sentFrames == 1)
    }

    @Test func `the same id has the same MAC address and lease, and the network knows it`() throws {
        let joined = try joined()
        let configuration = InterfaceConfiguration(id: InterfaceID("3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35"))
        let station = try network.makeInterface(configuration).parameters.macAddress
        let interface = try joined.makeInterface(configuration)
        #expect(interface.parameters.macAddress == station && interface.parameters.id == configuration.id)
        #expect(network.status().ports.contains { $0.interfaceID == configuration.id })
    }

    @Test func `what is still to be done to a packet travels between processes`() throws {
        let joined = try joined()
        let sender = try joined.makeInterface(InterfaceConfiguration(enablesTSO: true))
        let whole = try joined.makeInterface(InterfaceConfiguration(enablesTSO: true, hasVirtioHeader: true))
        let plain = try joined.makeInterface()
        let payload = (0..<40_000).map { UInt8(truncatingIfNeeded: $0 >> 6) }
        let packet = sender.builder().tcp(
            from: "10.0.0.1:1", to: "10.0.0.2:2", flags: .ack, sequence: 1, payload: payload)
        try sender.send([packet])
        let received = try #require(try whole.next())
        #expect(received.count == 12 + packet.count)
        let offload = try VirtioNetHeader(parsing: received.span).offload
        #expect(offload.segmentation == .tcpv4 && offload.segmentSize == 1460 && offload.needsChecksum)
        var segments: [UInt8] = []
        while segments.count < payload.count { segments += try #require(try plain.next()).dropFirst(54) }
        #expect(segments == payload)
    }

    @Test func `events come while packets wait, and a descriptor says so`() async throws {
        let joined = try joined()
        let (anna, bert) = (try joined.makeInterface(), try joined.makeInterface())
        let counts = Recorder<Int>()
        bert.setEventHandler { counts.add($0) }
        let descriptor = try bert.descriptor
        #expect(!isReadable(descriptor))
        try anna.send([anna.builder().ethernet(.ipv6, payload: [1])])
        // Told again, since nobody reads.
        #expect(try await counts.wait { $0.count >= 3 })
        #expect(counts.values.allSatisfy { $0 == 1 })
        #expect(isReadable(descriptor))
        #expect(try bert.take().count == 1)
        #expect(!isReadable(descriptor))
        bert.stop()
        let seen = counts.values.count
        try anna.send([anna.builder().ethernet(.ipv6, payload: [2])])
        #expect(counts.values.count == seen)
    }

    @Test func `a program that does not read loses what does not fit, and nothing stalls afterwards`() throws {
        let joined = try joined()
        let (anna, bert) = (try joined.makeInterface(), try joined.makeInterface())
        try bert.send([bert.builder().ethernet(.ipv6, payload: [])])
        _ = try #require(try anna.next())
        let packet = anna.builder(to: bert.parameters.macAddress).ethernet(
            .ipv6, payload: [UInt8](repeating: 1, count: 1500))
        for _ in 0..<300 { try anna.send([[UInt8]](repeating: packet, count: 100)) }
        // What the network did not take at once is lost, and so is what it could not pass on.
        try eventually { anna.statistics.droppedFrames + anna.statistics.receivedFrames == 30_000 }
        let last = anna.builder(to: bert.parameters.macAddress).ethernet(.ipv6, payload: [7])
        let deadline = ContinuousClock.now + .seconds(20)
        var isThrough = false
        while !isThrough, .now < deadline {
            try anna.send([last])
            isThrough = try bert.take().contains(last)
        }
        #expect(isThrough)
    }

    @Test func `forwards are the interface's, and end with it`() throws {
        let joined = try joined()
        let interface = try joined.makeInterface()
        let forward = try interface.addForward(PortForward("tcp:0:10.79.0.2:80"))
        #expect(network.forwards().map(\.forward) == [forward])
        try interface.removeForward(forward)
        #expect(network.forwards().isEmpty)
        try interface.addForward(PortForward("udp:0:10.79.0.2:80"))
        interface.stop()
        try eventually { network.forwards().isEmpty }
        let local = try network.makeInterface()
        try local.addForward(PortForward("udp:0:10.79.0.2:80"))
        #expect(status { try local.removeForward(PortForward("udp:1:10.79.0.2:80")) } == .invalidArgument)
        local.stop()
        #expect(network.forwards().isEmpty)
    }

    @Test func `when the network ends, reads find nothing and what is written is lost`() throws {
        let joined = try joined()
        let interface = try joined.makeInterface()
        network.stop()
        try eventually {
            try interface.send([interface.builder().ethernet(.ipv6, payload: [1])])
            return interface.statistics.dropped["transport", default: 0] > 0
        }
        #expect(try interface.take().isEmpty)
        #expect(status { _ = try interface.addForward(PortForward("tcp:0:10.79.0.2:80")) } == .failure)
        #expect(status { _ = try joined.makeInterface() } == .failure)
        interface.stop()
        #expect(status { _ = try interface.take() } == .setupIncomplete)
    }

    @Test func `interfaces that come and go leave no port behind`() throws {
        let joined = try joined()
        func cycle() throws {
            let interface = try joined.makeInterface()
            interface.setEventHandler { _ in }
            _ = try interface.descriptor
        }
        for _ in 0..<100 { try cycle() }
        try eventually { network.status().ports.isEmpty }
    }
}

private let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

private func isReadable(_ descriptor: Int32) -> Bool {
    guard let epoll = try? Epoll() else { return false }
    var events = Epoll.EventList(capacity: 1)
    try? epoll.add(descriptor, .readable, token: 0)
    try? epoll.wait(into: &events, timeout: .zero)
    return events.count == 1
}

/// Waits for other threads.
private func eventually(_ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(10)
    while try !condition() {
        try #require(ContinuousClock.now < deadline)
        usleep(1000)
    }
}

extension Interface {
    /// The packet that comes next; nil when none has after ten seconds.
    fileprivate func next() throws -> [UInt8]? {
        let deadline = ContinuousClock.now + .seconds(10)
        while .now < deadline {
            if let packet = try take(1).first { return packet }
            usleep(1000)
        }
        return nil
    }
}
