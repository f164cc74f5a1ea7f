import Glibc
import SystemPackage
import Testing
import VmnetPorts
import VmnetSwitch
import VmnetSystem
import VmnetTesting
import VmnetWire

/// The kernel is the guest: it has 10.9.9.1 on the interface, and answers ARP requests and pings.
@Suite(
    .enabled(if: Privilege.mayMakeInterfaces, "/dev/net/tun cannot be opened, or only root may make a namespace"))
struct TapPortTests {
    @Test(arguments: [false, true])
    func `frames pass in both directions, with a header and without`(hasHeader: Bool) async {
        await #expect(processExitsWith: .success) { [hasHeader] in
            let port = try makePort(hasHeader: hasHeader)
            #expect(port.name == "guest0")
            #expect(port.put(Kernel.arpRequest) == nil)
            port.flush()
            #expect(!port.isBlocked)
            #expect(try receive(from: port) { $0.starts(with: Kernel.arpReplyStart) } != nil)
        }
    }

    @Test(arguments: [false, true])
    func `a partial checksum reaches the kernel complete, by header or by hand`(hasHeader: Bool) async {
        await #expect(processExitsWith: .success) { [hasHeader] in
            let port = try makePort(hasHeader: hasHeader)
            // The checksum of ICMP has no pseudo-header: its field begins as zero.
            let offload = OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 2)
            #expect(port.put(Kernel.ping, offload: offload) == nil)
            port.flush()
            // Echo reply: type 0 at 34, and the request's identifier at 38.
            let reply = try receive(from: port) {
                $0.count >= 42 && $0[12...13] == [0x08, 0x00] && $0[23] == 1 && $0[34] == 0
                    && $0[38...39] == [0x12, 0x34]
            }
            #expect(reply != nil)
            #expect(port.drops == [:])
        }
    }

    @Test func `what cannot be cut into segments is refused without a header, and passed on with one`() async {
        await #expect(processExitsWith: .success) {
            let offload = OffloadDescriptor(
                segmentation: .tcpv4, segmentSize: 1448, headerLength: 54, needsChecksum: true, checksumStart: 34,
                checksumOffset: 16)
            let plain = try makePort(hasHeader: false)
            #expect(plain.put(frame(4000, 1), offload: offload) == .malformed)
            let offloading = try makePort(hasHeader: true)
            #expect(offloading.put(Kernel.segments(.partial), offload: offload) == nil)
        }
    }

    @Test func `segments with a whole checksum reach the kernel's TCP in one piece`() async {
        await #expect(processExitsWith: .success) {
            let port = try makePort(hasHeader: true)
            #expect(
                port.put(Kernel.segments(.correct), offload: OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1448))
                    == nil)
            #expect(port.drops == [:])
            // Nobody listens at the port: the reset acknowledges all 4000 bytes of data after sequence number 1000.
            let reset = try receive(from: port) { $0.count >= 54 && $0[23] == 6 && $0[47] & 4 != 0 }
            #expect(reset.map { Array($0[42..<46]) } == [0, 0, 0x13, 0x88])
        }
    }

    @Test func `a frame that contradicts its descriptor is lost, and the next one is not`() async {
        await #expect(processExitsWith: .success) {
            let port = try makePort(hasHeader: true)
            let offload = OffloadDescriptor(segmentation: .tcpv4, segmentSize: 1448)
            #expect(port.put(frame(4000, 1), offload: offload) == .transport)
            #expect(port.put(Kernel.arpRequest) == nil)
            #expect(try receive(from: port) { $0.starts(with: Kernel.arpReplyStart) } != nil)
        }
    }

    @Test func `an interface that is down costs frames, one that is deleted ends the port`() async {
        await #expect(processExitsWith: .success) {
            let port = try makePort(hasHeader: false)
            try run("ip link set guest0 down")
            #expect(port.put(Kernel.arpRequest) == .transport)
            port.flush()
            #expect(!port.isBlocked)
            #expect(port.drops == [:])
            #expect(port.receiveAll().outcome == .drained)
            try run("ip link set guest0 up")
            #expect(port.put(Kernel.arpRequest) == nil)
            port.flush()
            #expect(try receive(from: port) { $0.starts(with: Kernel.arpReplyStart) } != nil)

            try run("ip link delete guest0")
            guard case .closed(let reason) = port.receiveAll().outcome else { throw Errno.ioError }
            #expect(reason == "the interface guest0 has gone: File descriptor in bad state")
        }
    }

    @Test func `an inherited descriptor of an interface becomes a TAP port`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let tap = try TapInterface(creating: "guest0", hasVirtioHeader: true)
            try tap.descriptor.setNonBlocking(false)
            let transport = try InheritedDescriptor.transport(
                try tap.descriptor.duplicate().release(), buffers: TransportBuffers())
            #expect(transport is TapPort)
            #expect(fcntl(try #require(transport.descriptor), F_GETFL) & O_NONBLOCK != 0)
        }
    }
}

/// A port on a new interface of a network namespace of this thread's own.
private func makePort(hasHeader: Bool) throws -> TapPort {
    try Namespace.unshare(.network)
    let tap = try TapInterface(creating: "guest%d", hasVirtioHeader: hasHeader)
    try run("ip link set dev guest0 address 02:00:00:00:00:01 up")
    try run("ip address add 10.9.9.1/24 dev guest0")
    try run("ip neigh add 10.9.9.2 lladdr 02:00:00:00:00:02 dev guest0")
    return TapPort(tap, buffers: TransportBuffers())
}

private func run(_ command: String) throws {
    let status = try SpawnedProcess(command.split(separator: " ").map(String.init)).wait()
    #expect(status == .exited(0), "\(command)")
}

/// The first frame that is wanted, among what a kernel sends unasked; nil when it does not come for ten seconds.
private func receive(from port: TapPort, where isWanted: ([UInt8]) -> Bool) throws -> [UInt8]? {
    let epoll = try Epoll()
    try epoll.add(#require(port.descriptor), .readable, token: 0)
    var events = Epoll.EventList()
    let deadline = ContinuousClock.now + .seconds(10)
    while ContinuousClock.now < deadline {
        if let found = port.receiveAll().frames.first(where: isWanted) { return found }
        try epoll.wait(into: &events, timeout: .seconds(10))
    }
    return nil
}

private enum Kernel {
    /// 4000 bytes of data to a port of 10.9.9.1.
    static func segments(_ checksum: FrameBuilder.Checksum) -> [UInt8] {
        FrameBuilder(from: "02:00:00:00:00:02", to: "02:00:00:00:00:01").tcp(
            from: "10.9.9.2:1025", to: "10.9.9.1:9", flags: .psh, sequence: 1000, checksum: checksum,
            payload: [UInt8](repeating: 7, count: 4000))
    }

    /// Who has 10.9.9.1, tell 10.9.9.2.
    static let arpRequest: [UInt8] = [
        // Ethernet: broadcast from 02:00:00:00:00:02, ARP
        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x06,
        // ARP: Ethernet, IPv4, request
        0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x01,
        // sender 02:00:00:00:00:02, 10.9.9.2; target unknown, 10.9.9.1
        0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 10, 9, 9, 2, 0, 0, 0, 0, 0, 0, 10, 9, 9, 1,
    ]

    static let arpReplyStart: [UInt8] = [
        // Ethernet: to 02:00:00:00:00:02 from 02:00:00:00:00:01, ARP
        0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x08, 0x06,
        // ARP: Ethernet, IPv4, reply, from 10.9.9.1
        0x00, 0x01, 0x08, 0x00, 0x06, 0x04, 0x00, 0x02, 0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 10, 9, 9, 1,
    ]

    /// An echo request whose checksum is still to be made.
    static let ping: [UInt8] = [
        // Ethernet: to 02:00:00:00:00:01 from 02:00:00:00:00:02, IPv4
        0x02, 0x00, 0x00, 0x00, 0x00, 0x01, 0x02, 0x00, 0x00, 0x00, 0x00, 0x02, 0x08, 0x00,
        // IPv4: 32 bytes, do not fragment, TTL 64, ICMP, 10.9.9.2 -> 10.9.9.1
        // 4500 + 0020 + 4000 + 4001 + 0a09 + 0902 + 0a09 + 0901 = eb36, complemented 14c9
        0x45, 0x00, 0x00, 0x20, 0x00, 0x00, 0x40, 0x00, 0x40, 0x01, 0x14, 0xc9, 10, 9, 9, 2, 10, 9, 9, 1,
        // ICMP: echo request, identifier 1234, sequence 1, four bytes
        0x08, 0x00, 0x00, 0x00, 0x12, 0x34, 0x00, 0x01, 0xde, 0xad, 0xbe, 0xef,
    ]
}
