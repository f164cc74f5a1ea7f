import Glibc
import Logging
import OpenVmnet
import VmnetDHCP
import VmnetNAT
import VmnetSystem
import VmnetTesting
import VmnetWire

/// A network that the test's own thread runs, with guests that are made of frames.
final class Segment {
    let network: Network
    private var events = Epoll.EventList()

    init(_ netdev: String, locksLeases: Bool = false, uplink: UplinkSource = .direct) throws {
        signal(SIGPIPE, SIG_IGN)
        var options = NetworkOptions()
        try options.add(netdev: netdev)
        network = try Network(
            configuration: NetworkConfiguration(options: options, locksLeases: locksLeases, allowsUsedSubnet: true),
            stateDirectory: nil, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }, uplink: uplink)
    }

    /// A guest whose station is 02:00:00:00:00:`number`.
    func attach(_ number: UInt8, isolated: Bool = false) throws -> SegmentGuest {
        let pair = try Socket.pair(.seqpacket)
        let (end, own) = (pair.first.release(), pair.second.release())
        try network.attach(descriptor: end, origin: "test", isolated: isolated)
        return SegmentGuest(
            BlockingSocket(Descriptor(owning: own)), MACAddress(bits: 0x0200_0000_0000 + UInt64(number)), on: self)
    }

    /// Handles whatever guests have sent.
    func turn() {
        _ = network.turn(&events, timeout: .zero)
    }
}

/// A guest on a `Segment`.
final class SegmentGuest {
    let station: MACAddress
    private let socket: BlockingSocket
    private let segment: Segment
    private var buffer = [UInt8](repeating: 0, count: 2048)

    init(_ socket: consuming BlockingSocket, _ station: MACAddress, on segment: Segment) {
        self.socket = socket
        self.station = station
        self.segment = segment
    }

    /// Frames from this guest's station.
    func builder(to destination: MACAddress = .broadcast) -> FrameBuilder {
        FrameBuilder(from: station, to: destination)
    }

    /// Sends a frame, and lets the network handle it.
    func send(_ frame: [UInt8]) throws {
        try socket.send(frame.span)
        segment.turn()
    }

    /// Sends a frame that waits for the network's next turn.
    func queue(_ frame: [UInt8]) throws {
        try socket.send(frame.span)
    }

    /// The frames that have come and that nobody has taken.
    func take() throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let count = try socket.receive(into: &buffer), count > 0 { frames.append(Array(buffer.prefix(count))) }
        return frames
    }

    /// Asks for an address; nil when none comes.
    func lease(as station: MACAddress? = nil) throws -> DHCPClientLease? {
        let station = station ?? self.station
        var client = DHCPClient(hardwareAddress: station, transactionID: 7, now: .zero)
        while let next = client.nextMessage(now: .zero) {
            try send(
                FrameBuilder(from: station, to: .broadcast).udp(
                    from: "0.0.0.0:68", to: "255.255.255.255:67", payload: next.message.bytes()))
            for frame in try take() {
                guard let reply = try? DHCPDatagram(parsing: frame.span).message else { continue }
                if case .bound(let lease) = client.receive(reply, now: .zero) { return lease }
            }
        }
        return nil
    }
}

extension HostAddress {
    /// The station that answers for the host.
    var station: MACAddress { GuestNAT.gatewayMAC(for: address) }
}
