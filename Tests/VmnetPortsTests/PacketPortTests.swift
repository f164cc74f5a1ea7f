import Glibc
import SystemPackage
import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

/// The physical network is a TAP: what is written to it comes in at the interface, what the port sends can be read.
@Suite(
    .enabled(if: Privilege.mayMakeInterfaces, "/dev/net/tun cannot be opened, or only root may make a namespace"))
struct PacketPortTests {
    private static let guest: MACAddress = "52:54:00:00:00:0a"
    private static let station: MACAddress = "00:16:3e:00:00:01"

    private static var incoming: FrameBuilder { FrameBuilder(from: station, to: guest) }
    private static var outgoing: FrameBuilder { FrameBuilder(from: guest, to: station) }

    /// A frame with tags behind its addresses.
    private static func tagged(_ frame: [UInt8], _ tags: [UInt8]) -> [UInt8] { frame[..<12] + tags + frame[12...] }

    @Test(arguments: [
        [], [0x81, 0x00, 0x00, 0x07], [0x81, 0x00, 0x60, 0x00], [0x88, 0xa8, 0x00, 0x05],
        [0x88, 0xa8, 0x00, 0x05, 0x81, 0x00, 0xe0, 0x07],
    ])
    func `VLAN tags pass in both directions as they are`(tags: [UInt8]) async {
        await #expect(processExitsWith: .success) { [tags] in
            let link = try Wire()
            let payload = (0..<100).map { UInt8($0) }
            let arriving = Self.tagged(Self.incoming.udp(from: "10.9.9.1:9", to: "10.9.9.2:9", payload: payload), tags)
            try link.send(arriving)
            #expect(link.receive().map(\.frame) == [arriving])
            let leaving = Self.tagged(Self.outgoing.udp(from: "10.9.9.2:9", to: "10.9.9.1:9", payload: payload), tags)
            #expect(link.port.put(leaving) == nil)
            link.port.flush()
            #expect(try link.taken() == [leaving])
            #expect(link.port.drops == [:])
        }
    }

    @Test func `a partial checksum is said to be partial, where the tag has moved it`() async {
        await #expect(processExitsWith: .success) {
            let link = try Wire()
            let tag: [UInt8] = [0x81, 0x00, 0x00, 0x07]
            let frame = Self.tagged(
                Self.incoming.udp(from: "10.9.9.1:9", to: "10.9.9.2:9", checksum: .partial, payload: [1, 2, 3]), tag)
            let offload = OffloadDescriptor(needsChecksum: true, checksumStart: 38, checksumOffset: 6)
            try link.send(frame, offload)
            let received = link.receive()
            #expect(received.map(\.frame) == [frame])
            #expect(received.map(\.offload) == [offload])
            // A port that cannot pass that on completes it.
            var queue = FrameQueue()
            #expect(queue.enqueue(frame.span, offload: received[0].offload, urgency: .ordinary) == nil)
            let whole = Self.tagged(Self.incoming.udp(from: "10.9.9.1:9", to: "10.9.9.2:9", payload: [1, 2, 3]), tag)
            #expect(queue.withBytes { [UInt8](copying: $0.extracting(droppingFirst: 4)) } == whole)
        }
    }

    @Test(arguments: [[], [0x81, 0x00, 0x00, 0x07], [0x88, 0xa8, 0x00, 0x05, 0x81, 0x00, 0x00, 0x07]])
    func `a super-frame passes whole in both directions`(tags: [UInt8]) async {
        await #expect(processExitsWith: .success) { [tags] in
            let link = try Wire()
            let start = UInt16(34 + tags.count)
            let offload = OffloadDescriptor(
                segmentation: .tcpv4, segmentSize: 1448, headerLength: start + 20, needsChecksum: true,
                checksumStart: start, checksumOffset: 16)
            let payload = (0..<20_000).map { UInt8(truncatingIfNeeded: $0 / 7) }
            let arriving = Self.tagged(
                Self.incoming.tcp(
                    from: "10.9.9.1:9", to: "10.9.9.2:9", flags: .ack, checksum: .partial, payload: payload), tags)
            try link.send(arriving, offload)
            let received = link.receive()
            #expect(received.map(\.frame) == [arriving])
            #expect(received.first?.offload.segmentation == .tcpv4 && received.first?.offload.segmentSize == 1448)
            #expect(received.first?.offload.checksumStart == start)
            let cut = try SuperFrame(parsing: arriving.span, received[0].offload)
            #expect(cut.count == 14)

            let leaving = Self.tagged(
                Self.outgoing.tcp(
                    from: "10.9.9.2:9", to: "10.9.9.1:9", flags: .ack, checksum: .partial, payload: payload), tags)
            #expect(link.port.put(leaving, offload: offload) == nil)
            // What the kernel made of it: one frame, or as many as the TAP's features leave together.
            let bytes = try link.taken().reduce(0) { $0 + $1.count - Int(start + 20) }
            #expect(bytes == payload.count)
            #expect(link.port.drops == [:])
        }
    }

    @Test func `a super-frame with a whole checksum leaves with a partial one, after what waits`() async {
        await #expect(processExitsWith: .success) {
            let link = try Wire()
            let first = Self.outgoing.udp(from: "10.9.9.2:9", to: "10.9.9.1:9", payload: [1, 2, 3])
            let long = Self.outgoing.tcp(
                from: "10.9.9.2:9", to: "10.9.9.1:9", flags: .ack, payload: [UInt8](repeating: 7, count: 4000))
            #expect(link.port.put(first) == nil)
            #expect(
                link.port.put(long, offload: OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1448)) == nil)
            let taken = try link.taken()
            #expect(taken.first == first + [UInt8](repeating: 0, count: 60 - first.count))
            #expect(taken.dropFirst().reduce(0) { $0 + $1.count - 54 } == 4000)
        }
    }

    @Test func `short frames are padded, and long ones are counted`() async {
        await #expect(processExitsWith: .success) {
            let link = try Wire()
            let short = Self.outgoing.ethernet(EtherType(rawValue: 0x88b5), payload: [1])
            #expect(link.port.put(short) == nil)
            #expect(link.port.put(Self.outgoing.ethernet(.ipv4, payload: [UInt8](repeating: 0, count: 1501))) == nil)
            #expect(link.port.put([1, 2, 3]) == .malformed)
            let last = Self.outgoing.ethernet(EtherType(rawValue: 0x88b5), payload: [UInt8](repeating: 2, count: 1500))
            #expect(link.port.put(last) == nil)
            link.port.flush()
            #expect(try link.taken() == [short + [UInt8](repeating: 0, count: 45), last])
            #expect(link.port.drops == [.oversize: 1])
        }
    }

    @Test func `an interface that is down costs frames and says so, and works again when it is up`() async {
        await #expect(processExitsWith: .success) {
            let link = try Wire()
            #expect(try SpawnedProcess(["ip", "link", "set", "wire0", "down"]).wait() == .exited(0))
            #expect(link.port.put(Self.outgoing.ethernet(.ipv4, payload: [1])) == nil)
            link.port.flush()
            #expect(!link.port.isBlocked && link.port.takeNews() && !link.port.takeNews())
            #expect(link.port.drops == [.linkDown: 1])
            _ = link.receive()
            try InterfaceControl().bringUp("wire0")
            let frame = Self.incoming.udp(
                from: "10.9.9.1:9", to: "10.9.9.2:9", payload: [UInt8](repeating: 1, count: 40))
            try link.send(frame)
            #expect(link.receive().map(\.frame) == [frame])
            #expect(try link.port.interface().isRunning)
        }
    }

    @Test func `an interface that has gone ends nothing, and is told`() async {
        await #expect(processExitsWith: .success) {
            let link = try Wire()
            link.cut()
            #expect(link.receive().isEmpty && link.port.takeNews())
            #expect(throws: SystemError.self) { try link.port.interface() }
            #expect(link.port.put(Self.outgoing.ethernet(.ipv4, payload: [1])) == nil)
            link.port.flush()
            #expect(link.port.drops == [.linkDown: 1] && !link.port.isBlocked)
        }
    }
}

/// A port on the interface `wire0` of a network namespace of this thread's own, and the other end of its link.
private final class Wire {
    let port: PacketPort
    private var tap: Descriptor?

    init() throws {
        try Namespace.unshare(.network)
        let interface = try TapInterface(creating: "wire0", hasVirtioHeader: true)
        // What the kernel says on its own is not what a test waits for.
        let quiet = try SpawnedProcess(["sh", "-c", "echo 1 | tee /proc/sys/net/ipv6/conf/*/disable_ipv6 >/dev/null"])
        #expect(try quiet.wait() == .exited(0))
        try InterfaceControl().bringUp("wire0")
        let socket = try PacketSocket(bindingTo: "wire0")
        try socket.setFilter(.everything)
        port = PacketPort(socket, buffers: PacketBuffers())
        tap = interface.takeDescriptor()
    }

    func send(_ frame: [UInt8], _ offload: OffloadDescriptor = .none) throws {
        let header = [UInt8](capacity: VirtioNetHeader.byteCount) { VirtioNetHeader(offload: offload).write(to: &$0) }
        let bytes = header + frame
        try #require(Descriptor.write(raw, bytes.span) == .moved(bytes.count))
    }

    /// What the port has received.
    func receive() -> [(frame: [UInt8], offload: OffloadDescriptor)] {
        var frames: [(frame: [UInt8], offload: OffloadDescriptor)] = []
        while port.receive({ frames.append(([UInt8](copying: $0), $1)) }) == .more {}
        return frames
    }

    /// What has come out at the other end.
    func taken() throws -> [[UInt8]] {
        var frames: [[UInt8]] = []
        var buffer = [UInt8](repeating: 0, count: 70_000)
        while true {
            var room = buffer.mutableSpan
            guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return frames }
            frames.append(Array(buffer[VirtioNetHeader.byteCount..<count]))
        }
    }

    /// Deletes the interface.
    func cut() {
        tap = nil
    }

    private var raw: Int32 {
        switch tap {
        case .some(let tap): tap.raw
        case nil: -1
        }
    }
}
