import Testing
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

@Suite("The peers of UDP forwards")
struct ForwardedPeersTests {
    private static let second: Int64 = 1_000_000_000
    private static let outside = endpoint("198.51.100.7", 777)
    private static let loopback = endpoint("127.0.0.1", 5000)
    private static let gateway = IPv6Address(mapping: Guest.gateway)

    private let peers = Table()

    /// The value under test: expectations take no variable that they could change.
    private final class Table {
        private var peers = ForwardedPeers(Guest.configuration)

        var count: Int { peers.count }
        var isEmpty: Bool { peers.isEmpty }

        func shown(_ host: InternetEndpoint, over socket: Int32, to port: UInt16, now: Int64) -> InternetEndpoint? {
            peers.shown(host, over: socket, to: port, now: now)
        }

        func peer(_ shown: InternetEndpoint, from port: UInt16, now: Int64) -> ForwardedPeers.Peer? {
            peers.peer(shown, from: port, now: now)
        }

        func known(_ host: InternetEndpoint, over socket: Int32) -> InternetEndpoint? {
            peers.known(host, over: socket)
        }

        func removeAll(over socket: Int32) {
            peers.removeAll(over: socket)
        }
    }

    private static func endpoint(_ address: IPv4Address, _ port: UInt16) -> InternetEndpoint {
        InternetEndpoint(IPv6Address(mapping: address), port)
    }

    @Test func `one beyond the gateway appears as itself, one on the host as the gateway`() {
        #expect(peers.shown(Self.outside, over: 1, to: 53, now: 0) == Self.outside)
        #expect(peers.shown(Self.loopback, over: 1, to: 53, now: 0) == InternetEndpoint(Self.gateway, 5000))
        #expect(peers.peer(Self.outside, from: 53, now: 0)?.host == Self.outside)
        #expect(peers.peer(InternetEndpoint(Self.gateway, 5000), from: 53, now: 0)?.host == Self.loopback)
        #expect(peers.peer(Self.outside, from: 54, now: 0) == nil)
    }

    @Test(arguments: [53, 67, 0] as [UInt16])
    func `a port that means something at the gateway is nobody's`(port: UInt16) throws {
        let shown = try #require(peers.shown(Self.endpoint("127.0.0.1", port), over: 1, to: 80, now: 0))
        #expect(shown.address == Self.gateway)
        #expect(shown.port != port)
    }

    @Test func `two of one port get a name each, which they keep`() throws {
        let other = InternetEndpoint(.loopback, 5000)
        let first = try #require(peers.shown(Self.loopback, over: 1, to: 53, now: 0))
        let second = try #require(peers.shown(other, over: 2, to: 53, now: 0))
        #expect(first != second)
        #expect(peers.shown(other, over: 2, to: 53, now: 1) == second)
        let answered = try #require(peers.peer(second, from: 53, now: 2))
        #expect(answered.host == other)
        #expect(answered.socket == 2)
    }

    @Test func `one is known after an hour of silence, and a stranger after two`() {
        _ = peers.shown(Self.loopback, over: 1, to: 53, now: 0)
        let shown = InternetEndpoint(Self.gateway, 5000)
        #expect(peers.peer(shown, from: 53, now: 3600 * Self.second) != nil)
        #expect(peers.peer(shown, from: 53, now: 10800 * Self.second) == nil)
        #expect(peers.isEmpty)
        #expect(peers.shown(Self.loopback, over: 1, to: 53, now: 10800 * Self.second) == shown)
    }

    @Test func `a forward's peers make room for its own, the one longest silent first`() {
        _ = peers.shown(Self.outside, over: 2, to: 53, now: 0)
        for number in 0..<ForwardedPeers.capacityPerForward {
            _ = peers.shown(Self.endpoint("198.51.100.8", 1000 + UInt16(number)), over: 1, to: 53, now: 1)
        }
        #expect(peers.peer(Self.endpoint("198.51.100.8", 1000), from: 53, now: 2) != nil)
        _ = peers.shown(Self.endpoint("198.51.100.9", 1), over: 1, to: 53, now: 3)
        #expect(peers.count == ForwardedPeers.capacityPerForward + 1)
        #expect(peers.peer(Self.endpoint("198.51.100.8", 1000), from: 53, now: 4) != nil)
        #expect(peers.peer(Self.endpoint("198.51.100.8", 1001), from: 53, now: 4) == nil)
        #expect(peers.peer(Self.outside, from: 53, now: 4) != nil)
    }

    @Test func `a guest's peers have a limit over all forwards`() {
        for number in 0..<ForwardedPeers.capacity {
            _ = peers.shown(
                Self.endpoint("198.51.100.8", UInt16(1000 + number)), over: Int32(number / 1000), to: 99, now: 1)
        }
        #expect(peers.count == ForwardedPeers.capacity)
        #expect(peers.shown(Self.outside, over: 100, to: 53, now: 2) == nil)
        #expect(peers.shown(Self.outside, over: 1, to: 53, now: 2) == Self.outside)
        #expect(peers.count == ForwardedPeers.capacity)
    }

    @Test func `the peers of a forward go with it`() {
        _ = peers.shown(Self.outside, over: 1, to: 53, now: 0)
        _ = peers.shown(Self.loopback, over: 2, to: 53, now: 0)
        peers.removeAll(over: 1)
        #expect(peers.count == 1)
        #expect(peers.known(Self.loopback, over: 2) != nil)
        #expect(peers.known(Self.outside, over: 1) == nil)
    }
}
