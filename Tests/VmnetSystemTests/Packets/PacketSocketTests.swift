import Glibc
import SystemPackage
import Testing
import VmnetSystem

/// In network namespaces of their own, in which the link of the interface is a TAP's descriptor.
@Suite struct PacketSocketTests {
    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `a socket tells what its interface is like, and admits nothing until it is told to`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let link = try Link()
            let socket = try PacketSocket(bindingTo: "wire0")
            let interface = try socket.interface()
            #expect(interface.name == "wire0" && interface.mtu == 1500 && interface.macBits == 0x0200_0000_0001)
            #expect(interface.isRunning && interface.isEthernet && interface.index == socket.interfaceIndex)

            try link.send(to: 0x5254_0000_0001)
            try socket.setFilter(PacketFilter(addresses: [0x5254_0000_0002]))
            try link.send(to: 0x5254_0000_0002)
            try link.send(to: 0x5254_0000_0003)
            #expect(received(by: socket) == [2])
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `a socket that somebody else has bound is taken over without what it has received`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let link = try Link()
            let bound = try BlockingSocket.ethernet(on: "wire0")
            try link.send(to: 0xffff_ffff_ffff)
            let socket = try PacketSocket(adopting: bound.descriptor.duplicate())
            try socket.setFilter(.everything)
            try link.send(to: 0x5254_0000_0002)
            #expect(received(by: socket) == [2])
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `frames that find no room at the socket are counted once`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let link = try Link()
            let socket = try PacketSocket(bindingTo: "wire0")
            try socket.setFilter(.everything)
            var least: Int32 = 1
            // Safety: an option of the size of an integer.
            _ = unsafe setsockopt(socket.descriptor.raw, SOL_SOCKET, SO_RCVBUF, &least, 4)
            for _ in 0..<100 { try link.send(to: 0xffff_ffff_ffff) }
            let drops = socket.takeDropCount()
            #expect((1...100).contains(drops) && Int(drops) + received(by: socket).count == 100)
            #expect(socket.takeDropCount() == 0)
        }
    }

    @Test(.enabled(if: Privilege.mayMakeNetworks, "/dev/net/tun cannot be opened, or this user has no root"))
    func `an interface that is not there, or carries no Ethernet, is refused by name`() async {
        await #expect(processExitsWith: .success) {
            try Namespace.unshare(.network)
            let missing = SystemError(
                "bridge to the interface eth7", .operationNotSupportedByDevice,
                remedy: "there is no interface of that name")
            #expect(throws: missing) { _ = try PacketSocket(bindingTo: "eth7") }
            let loopback = SystemError(
                "bridge to the interface lo", .invalidArgument, remedy: "it carries no Ethernet frames")
            #expect(throws: loopback) { _ = try PacketSocket(bindingTo: "lo") }
        }
    }

    @Test func `a descriptor that is no packet socket is refused`() throws {
        let pair = try Socket.pair(.datagram)
        #expect {
            _ = try PacketSocket(adopting: pair.first.duplicate())
        } throws: { error in
            let error = error as? SystemError
            return error?.errno == .invalidArgument && error?.remedy?.hasPrefix("it has to be a packet socket") == true
        }
    }
}

/// A TAP interface that is up, and its link.
private struct Link: ~Copyable {
    private let tap: Descriptor

    init() throws {
        let interface = try TapInterface(creating: "wire0", hasVirtioHeader: false)
        let control = try InterfaceControl()
        try control.setMACAddress(0x0200_0000_0001, of: "wire0")
        try control.bringUp("wire0")
        self.init(tap: interface.takeDescriptor())
    }

    private init(tap: consuming Descriptor) {
        self.tap = tap
    }

    /// Has a frame come in from the link, with the last octet of its destination also its last byte.
    borrowing func send(to address: UInt64) throws {
        let octets = (0..<6).map { UInt8(truncatingIfNeeded: address >> (40 - 8 * $0)) }
        let frame = octets + [2, 0, 0, 0, 0, 9, 0x88, 0xb5] + [UInt8](repeating: octets[5], count: 46)
        try #require(tap.write(frame.span) == .moved(frame.count))
    }
}

/// The last byte of each frame that waits.
private func received(by socket: borrowing PacketSocket) -> [UInt8] {
    var frames: [UInt8] = []
    var room = [UInt8](repeating: 0, count: 2048)
    while true {
        var span = room.mutableSpan
        guard case .moved(let count) = socket.descriptor.read(into: &span) else { return frames }
        frames.append(room[count - 1])
    }
}
