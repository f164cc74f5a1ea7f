import Glibc
import SystemPackage
import Testing
import VmnetSystem
import VmnetTesting

/// The kernel runs the programs, on a Unix datagram socket: it runs a filter on any, without privileges.
struct PacketFilterTests {
    private static let broadcast: UInt64 = 0xffff_ffff_ffff
    private static let mdns: UInt64 = 0x0100_5e00_00fb

    /// Addresses whose upper and lower parts are alike in all ways.
    private static let neighbours: [UInt64] = [
        0x5254_0012_3456, 0x5254_0012_3457, 0x5254_0112_3456, 0x5255_0012_3456, 0x0200_0000_0000, 0x0200_0000_0001,
        0xfeff_ffff_ffff, 0,
    ]

    @Test func `a filter admits the addresses that it was made for, broadcast and groups, and nothing else`() throws {
        for count in 0...Self.neighbours.count {
            let admitted = Array(Self.neighbours.prefix(count))
            let link = try FilteredLink(PacketFilter(addresses: admitted))
            for address in Self.neighbours {
                #expect(try link.passes(address) == admitted.contains(address), "\(count) addresses")
            }
            #expect(try link.passes(Self.broadcast) && link.passes(Self.mdns))
        }
    }

    @Test func `five hundred addresses fit in a program, whatever they have in common`() throws {
        var random = SeededGenerator(seed: 7)
        let alike = (0..<512).map { 0x5254_0000_0000 | UInt64($0) &* 7 }
        let different = (0..<512).map { UInt64($0) << 33 | UInt64.random(in: 0..<1 << 32, using: &random) }
        for addresses in [alike, different] {
            #expect((4...4096).contains(PacketFilter(addresses: addresses).program.count))
            // As many as a kernel takes that has its memory for options as it was by default up to Linux 6.8.
            let some = addresses.filter { $0 >> 40 & 1 == 0 }.suffix(200)
            let link = try FilteredLink(PacketFilter(addresses: some))
            for address in some { #expect(try link.passes(address) && !link.passes(address ^ 1 << 31)) }
        }
    }

    @Test func `more addresses than a program has room for admit everything`() throws {
        #expect(PacketFilter(addresses: (0...512).map { UInt64($0) << 8 }) == .everything)
        #expect(try FilteredLink(.everything).passes(0x5254_0012_3456))
        #expect(try !FilteredLink(.nothing).passes(Self.broadcast))
    }

    @Test func `a filter does not depend on the order of its addresses`() {
        let filter = PacketFilter(addresses: Self.neighbours)
        #expect(PacketFilter(addresses: Self.neighbours.reversed() + Self.neighbours) == filter)
    }
}

/// Two sockets, of which the second has a filter.
private struct FilteredLink: ~Copyable {
    private let pair: SocketPair

    init(_ filter: PacketFilter) throws {
        let pair = try Socket.pair(.datagram)
        try filter.attach(to: pair.second.raw)
        self.pair = pair
    }

    /// Whether a frame to the address comes through.
    borrowing func passes(_ address: UInt64) throws -> Bool {
        let frame =
            (0..<6).map { UInt8(truncatingIfNeeded: address >> (40 - 8 * $0)) } + [UInt8](repeating: 9, count: 54)
        // The kernel tells the sender of a datagram that the filter refuses that it was not permitted.
        _ = pair.first.write(frame.span)
        var room = [UInt8](repeating: 0, count: 100)
        var span = room.mutableSpan
        guard case .moved(let count) = pair.second.read(into: &span) else { return false }
        return count == frame.count && Array(room[..<count]) == frame
    }
}
