import OpenVmnet
import Synchronization
import SystemPackage
import Testing
import VmnetNAT
import VmnetSystem
import VmnetTesting
import VmnetWire

/// In network namespaces of their own, in which the physical network is a TAP's descriptor.
@Suite(.enabled(if: Wire.isPossible, "/dev/net/tun cannot be opened, or only root may make a namespace"))
struct BridgedNetworkTests {
    private static let router: MACAddress = "00:16:3e:00:00:01"

    private static func frame(from source: MACAddress, to destination: MACAddress, _ byte: UInt8 = 1) -> [UInt8] {
        FrameBuilder(from: source, to: destination)
            .ethernet(EtherType(rawValue: 0x88b5), payload: [UInt8](repeating: byte, count: 60))
    }

    @Test func `guests have the physical network, and their own frames do not leave for it`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            let segment = try Segment("vmnet-bridged,ifname=wire0")
            let (anna, bert) = (try segment.attach(1), try segment.attach(2))
            let hello = Self.frame(from: anna.station, to: .broadcast)
            try anna.send(hello)
            #expect(try bert.take() == [hello] && wire.take() == [hello])
            try bert.send(Self.frame(from: bert.station, to: anna.station))
            #expect(try anna.take().count == 1 && wire.take().isEmpty)

            // The answer finds its guest alone; what is for others stays out, and so does what comes back.
            let answer = Self.frame(from: Self.router, to: anna.station)
            try wire.send(answer)
            try wire.send(Self.frame(from: Self.router, to: "52:54:00:00:00:99"))
            try wire.send(hello)
            segment.turn()
            #expect(try anna.take() == [answer] && bert.take().isEmpty)
            let announcement = Self.frame(from: Self.router, to: .broadcast)
            try wire.send(announcement)
            segment.turn()
            #expect(try anna.take() == [announcement] && bert.take() == [announcement])
            try anna.send(Self.frame(from: anna.station, to: Self.router))
            #expect(try wire.take().count == 1 && bert.take().isEmpty)
            let uplink = try #require(segment.network.status().uplink)
            #expect(uplink.traffic.receivedFrames == 3 && uplink.traffic.sentFrames == 2)
            #expect(uplink.traffic.dropped["reflected"] == 1 && uplink.traffic.droppedFrames == 1)
        }
    }

    @Test func `isolated guests have the physical network alone`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            let segment = try Segment("vmnet-bridged,ifname=wire0,isolated=on")
            let (anna, bert) = (try segment.attach(1), try segment.attach(2))
            for guest in [anna, bert] { try guest.send(Self.frame(from: guest.station, to: .broadcast)) }
            #expect(wire.take().count == 2)
            try anna.send(Self.frame(from: anna.station, to: bert.station))
            #expect(try anna.take().isEmpty && bert.take().isEmpty && wire.take().isEmpty)
            try wire.send(Self.frame(from: Self.router, to: .broadcast))
            try wire.send(Self.frame(from: Self.router, to: bert.station))
            segment.turn()
            #expect(try anna.take().count == 1 && bert.take().count == 2)
        }
    }

    @Test func `a guest learns what the physical network takes, and that it does not take more`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            try Wire.run("ip link set wire0 mtu 1400")
            let segment = try Segment("vmnet-bridged,ifname=wire0")
            #expect(segment.network.mtu == 1400 && segment.network.interfaceName == "wire0")
            let guest = try segment.attach(1)
            let builder = guest.builder(to: Self.router)
            try guest.send(
                builder.udp(from: "10.0.0.2:9", to: "10.0.0.1:9", payload: [UInt8](repeating: 1, count: 1372)))
            #expect(try guest.take().isEmpty && wire.take().count == 1)
            try guest.send(
                builder.udp(from: "10.0.0.2:9", to: "10.0.0.1:9", payload: [UInt8](repeating: 1, count: 1373)))
            try guest.send(
                builder.udp(from: "[fd00::2]:9", to: "[fd00::1]:9", payload: [UInt8](repeating: 1, count: 1400)))
            let answers = try guest.take()
            try #require(answers.count == 2 && wire.take().isEmpty)
            let packet = Array(answers[0][14...])
            let header = try IPv4Header(parsing: packet.span)
            #expect(header.source == "10.0.0.1" && header.destination == "10.0.0.2" && header.proto == .icmp)
            // Destination unreachable, fragmentation needed, MTU 1400; packet too big, MTU 1400.
            #expect(answers[0][34...35] == [3, 4] && answers[0][40...41] == [0x05, 0x78])
            #expect(answers[1][54...55] == [2, 0] && answers[1][58...61] == [0, 0, 0x05, 0x78])
            // Groups get no answer.
            try guest.send(
                guest.builder().udp(from: "10.0.0.2:9", to: "10.0.0.1:9", payload: [UInt8](repeating: 1, count: 1400)))
            #expect(try guest.take().isEmpty)
            #expect(segment.network.status().ports[0].traffic.dropped["oversize"] == 3)

            // It follows the interface.
            try Wire.run("ip link set wire0 mtu 1300")
            segment.turn()
            #expect(segment.network.mtu == 1300)
            try guest.send(
                builder.udp(from: "10.0.0.2:9", to: "10.0.0.1:9", payload: [UInt8](repeating: 1, count: 1372)))
            #expect(try guest.take().count == 1 && wire.take().isEmpty)
        }
    }

    @Test func `an interface that is deleted is found again by its name`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            let segment = try Segment("vmnet-bridged,ifname=wire0")
            let guest = try segment.attach(1)
            let hello = Self.frame(from: guest.station, to: .broadcast)
            try guest.send(hello)
            #expect(wire.take() == [hello])
            try Wire.run("ip link set wire0 down")
            segment.turn()
            #expect(segment.network.status().uplink?.state == .down)
            wire.cut()
            segment.turn()
            #expect(segment.network.status().uplink?.state == .gone)
            try guest.send(hello)
            #expect(segment.network.status().uplink?.traffic.dropped["link_down"] == 1)

            let again = try Wire("wire0")
            try eventually {
                segment.turn(); return segment.network.status().uplink?.state == .up
            }
            try guest.send(hello)
            #expect(again.take() == [hello])
            // It admits what is for the guest, which has been known from before.
            let answer = Self.frame(from: Self.router, to: guest.station)
            try again.send(answer)
            segment.turn()
            #expect(try guest.take() == [answer])
            #expect(segment.network.status().uplink?.traffic.sentFrames == 2)
        }
    }

    @Test func `who cannot open the interface when it comes back is asked again`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            let tries = Mutex(0)
            let source = UplinkSource { name throws(SystemError) in
                let number = tries.withLock { tries in
                    tries += 1
                    return tries
                }
                guard number != 2 else { throw SystemError("ask for it", .connectionRefused) }
                return try PacketSocket(bindingTo: name)
            }
            let segment = try Segment("vmnet-bridged,ifname=wire0", uplink: source)
            wire.cut()
            segment.turn()
            let again = try Wire("wire0")
            try eventually {
                segment.turn(); return segment.network.status().uplink?.state == .up
            }
            #expect(tries.withLock { $0 } == 3)
            again.cut()
        }
    }

    @Test func `who may not open the interface yet is asked at once when it changes`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            let tries = Mutex(0)
            let isAllowed = Mutex(true)
            let source = UplinkSource { name throws(SystemError) in
                tries.withLock { $0 += 1 }
                guard isAllowed.withLock({ $0 }) else { throw SystemError("ask for it", .permissionDenied) }
                return try PacketSocket(bindingTo: name)
            }
            let segment = try Segment("vmnet-bridged,ifname=wire0", uplink: source)
            isAllowed.withLock { $0 = false }
            wire.cut()
            segment.turn()
            let again = try Wire("wire0")
            segment.turn()
            #expect(tries.withLock { $0 } == 2)
            try Wire.run("ip link set wire0 mtu 1400")
            segment.turn()
            #expect(tries.withLock { $0 } == 3 && segment.network.status().uplink?.state == .gone)
            isAllowed.withLock { $0 = true }
            try Wire.run("ip link set wire0 mtu 1300")
            segment.turn()
            #expect(segment.network.status().uplink?.state == .up && segment.network.mtu == 1300)
            again.cut()
        }
    }

    @Test func `an interface that is not there is refused by its name, and none by the lack of one`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let missing = VmnetError(
                .system, "cannot bridge to the interface wire0: No such device",
                hint: "there is no interface of that name")
            #expect(throws: missing) { _ = try Segment("vmnet-bridged,ifname=wire0") }
            #expect(throws: VmnetError.self) { _ = try Segment("vmnet-bridged") }
        }
    }

    @Test func `nothing can be forwarded to guests of a bridged network`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let wire = try Wire("wire0")
            let segment = try Segment("vmnet-bridged,ifname=wire0")
            #expect(throws: VmnetError.self) { try segment.network.addForward(PortForward("tcp:8080:80")) }
            #expect(segment.network.addresses == nil && segment.network.host == nil)
            wire.cut()
        }
    }
}

/// Tries for five seconds.
private func eventually(_ condition: () throws -> Bool) throws {
    let deadline = ContinuousClock.now + .seconds(5)
    while try !condition() { try #require(ContinuousClock.now < deadline) }
}
