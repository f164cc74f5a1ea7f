import Logging
import Testing
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import OpenVmnet

/// What a network says about itself, with guests that are sockets of the test. No thread: the test takes the turns.
@Suite struct NetworkStatusTests {
    private static let gateway: IPv4Address = "10.77.0.1"
    private static let one: MACAddress = "02:00:00:00:00:01"
    private static let two: MACAddress = "02:00:00:00:00:02"

    private let network: Network

    init() throws {
        var options = NetworkOptions()
        try options.set(.startAddress, to: "\(Self.gateway)")
        try options.set(.endAddress, to: "10.77.0.20")
        try options.set(.subnetMask, to: "255.255.255.0")
        network = try Network(
            configuration: NetworkConfiguration(options: options), stateDirectory: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    }

    /// Attaches a guest and returns its end.
    private func attach(
        _ kind: SocketKind = .seqpacket, isIsolated: Bool = false
    ) throws -> (port: PortNumber, guest: Guest) {
        let pair = try Socket.pair(kind)
        let port = try network.attach(
            Descriptor(owning: try pair.first.duplicate().release()), origin: "test", isolated: isIsolated)
        return (port, Guest(try pair.second.duplicate()))
    }

    private final class Guest {
        let socket: Descriptor

        init(_ socket: consuming Descriptor) {
            self.socket = socket
        }

        func send(_ frame: [UInt8]) {
            let sent = Socket.send(socket.raw, frame.span)
            #expect(sent == .moved(frame.count))
        }
    }

    private func turn() {
        var list = Epoll.EventList()
        _ = network.turn(&list, timeout: .zero)
    }

    private static func hello(from source: MACAddress, _ address: IPv4Address) -> [UInt8] {
        FrameBuilder(from: source, to: .broadcast).arpRequest(from: address, for: gateway)
    }

    @Test func `a network without guests has nothing to say`() {
        let status = network.status()
        #expect(status.ports.isEmpty)
        #expect(status.leaseCount == 0 && status.forwardingEntryCount == 0)
        #expect(status.traffic.receivedFrames == 0 && status.traffic.droppedFrames == 0)
    }

    @Test func `a guest's port has its addresses, its traffic and its drops by reason`() throws {
        let (port, guest) = try attach()
        let silent = try #require(network.status().ports.first)
        #expect(silent.id == port && silent.origin == "test" && !silent.isIsolated)
        #expect(silent.macAddresses.isEmpty && silent.interfaceID == nil)

        let hello = Self.hello(from: Self.one, "10.77.0.9")
        guest.send(hello)
        // A source that is a group is nobody's.
        guest.send(
            FrameBuilder(from: .broadcast, to: .broadcast).ethernet(.arp, payload: [UInt8](repeating: 0, count: 46)))
        turn()
        let status = network.status()
        let heard = try #require(status.ports.first)
        #expect(heard.macAddresses == [Self.one] && heard.addresses == ["10.77.0.9"])
        #expect(heard.interfaceID == InterfaceID(network: "shared", macAddress: Self.one))
        #expect(heard.traffic.receivedFrames == 2 && heard.traffic.receivedBytes == UInt64(hello.count + 60))
        #expect(heard.traffic.dropped["bad_source"] == 1 && heard.traffic.droppedFrames == 1)
        // The gateway's answer to the ARP request.
        #expect(heard.traffic.sentFrames == 1)
        #expect(status.traffic == heard.traffic && status.forwardingEntryCount == 1)
    }

    @Test func `the forwarding table says where stations are`() throws {
        let (first, one) = try attach()
        let (second, two) = try attach()
        one.send(Self.hello(from: Self.one, "10.77.0.9"))
        two.send(Self.hello(from: Self.two, "10.77.0.10"))
        turn()
        let table = network.forwardingTable()
        #expect(table.map(\.macAddress) == [Self.one, Self.two])
        #expect(table.map(\.port) == [first, second])
        #expect(table.allSatisfy { $0.age <= 1 })
    }

    @Test func `a guest may be isolated on a network that is not`() throws {
        let (_, walled) = try attach(isIsolated: true)
        _ = try attach()
        #expect(network.status().ports.map(\.isIsolated) == [true, false])
        walled.send(
            FrameBuilder(from: Self.one, to: Self.two).ethernet(.arp, payload: [UInt8](repeating: 0, count: 46)))
        turn()
        #expect(network.status().ports[0].traffic.dropped["isolated"] == 1)
    }

    @Test func `frames that a guest does not read are its queue`() throws {
        let (_, reader) = try attach(.stream)
        let (_, writer) = try attach()
        let frame = FrameBuilder(from: Self.two, to: .broadcast).ethernet(
            .ipv4, payload: [UInt8](repeating: 0, count: 1500))
        for _ in 0..<80 {
            for _ in 0..<16 { _ = Socket.send(writer.socket.raw, frame.span) }
            turn()
        }
        let port = network.status().ports[0]
        #expect(port.queuedFrames > 0, "\(port)")
        #expect(port.queuedBytes >= port.queuedFrames * frame.count)
        withExtendedLifetime(reader) {}
    }

    @Test func `a guest that is detached is gone, and what it sent still counts`() throws {
        let (port, guest) = try attach()
        guest.send(Self.hello(from: Self.one, "10.77.0.9"))
        turn()
        #expect(network.detach(port))
        #expect(!network.detach(port))
        let status = network.status()
        #expect(status.ports.isEmpty && status.forwardingEntryCount == 0)
        #expect(status.traffic.receivedFrames == 1)
        // The guest's end of the connection has ended, behind the answer to its ARP request.
        var buffer = [UInt8](repeating: 0, count: 2048)
        var room = buffer.mutableSpan
        let answer = guest.socket.read(into: &room)
        let end = guest.socket.read(into: &room)
        #expect(answer == .moved(64) && end == .moved(0), "\(answer), \(end)")
    }
}
