import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

/// A segment that is part of a physical network.
@Suite struct UplinkTests {
    private let host: MACAddress = "02:00:00:00:00:01"
    private let anna: MACAddress = "52:54:00:00:00:0a"
    private let bert: MACAddress = "52:54:00:00:00:0b"
    private let hermit: MACAddress = "52:54:00:00:00:0c"
    private let router: MACAddress = "00:16:3e:00:00:01"
    private let one = PortID(rawValue: 1)
    private let two = PortID(rawValue: 2)
    private let isolated = PortID(rawValue: 3)

    private var network: Switch
    private var now = Uptime(seconds: 1000)

    init() {
        network = Switch(gateway: nil, hasUplink: true)
        network.reserve(host)
        network.attach(one)
        network.attach(two)
        network.attach(isolated, isIsolated: true)
    }

    private mutating func send(from source: MACAddress, to destination: MACAddress, on port: PortID) -> Verdict {
        let header = EthernetHeader(destination: destination, source: source, type: .ipv4)
        return port == .uplink
            ? network.forwardFromUplink(header, now: now) : network.forward(header, from: port, now: now)
    }

    private func peers(of port: PortID) -> [PortID] {
        var peers: [PortID] = []
        network.forEachPeer(of: port) { peers.append($0) }
        #expect(network.peerCount(of: port) == peers.count)
        return peers
    }

    @Test mutating func `what guests send to everybody also goes out, and an isolated guest's nowhere else`() {
        #expect(send(from: anna, to: .broadcast, on: one) == .flood(gateway: true))
        #expect(peers(of: one) == [.uplink, two])
        #expect(send(from: hermit, to: .broadcast, on: isolated) == .flood(gateway: true))
        #expect(send(from: hermit, to: router, on: isolated) == .flood(gateway: false))
        #expect(peers(of: isolated) == [.uplink])
    }

    @Test mutating func `a guest that has left hears and is heard by nobody, the physical network included`() {
        network.detach(isolated)
        #expect(send(from: hermit, to: .broadcast, on: isolated) == .drop(.badSource))
        #expect(peers(of: isolated) == [])
        #expect(peers(of: .uplink) == [one, two])
    }

    @Test mutating func `guests have each other's frames to themselves`() {
        _ = send(from: bert, to: .broadcast, on: two)
        #expect(send(from: anna, to: bert, on: one) == .port(two))
        _ = send(from: hermit, to: .broadcast, on: isolated)
        #expect(send(from: anna, to: hermit, on: one) == .drop(.isolated))
        #expect(send(from: hermit, to: anna, on: isolated) == .drop(.isolated))
    }

    @Test mutating func `a station of the physical network that was heard of gets its frames alone`() {
        #expect(send(from: router, to: .broadcast, on: .uplink) == .flood(gateway: false))
        #expect(send(from: anna, to: router, on: one) == .port(.uplink))
        #expect(send(from: hermit, to: router, on: isolated) == .port(.uplink))
    }

    @Test mutating func `the physical network reaches guests at their addresses, and all of them with broadcast`() {
        _ = send(from: anna, to: .broadcast, on: one)
        _ = send(from: hermit, to: .broadcast, on: isolated)
        #expect(send(from: router, to: anna, on: .uplink) == .port(one))
        #expect(send(from: router, to: hermit, on: .uplink) == .port(isolated))
        #expect(send(from: router, to: bert, on: .uplink) == .drop(.noReceiver))
        #expect(send(from: router, to: host, on: .uplink) == .drop(.noReceiver))
        #expect(send(from: router, to: "01:00:5e:00:00:fb", on: .uplink) == .flood(gateway: false))
        #expect(peers(of: .uplink) == [one, two, isolated])
    }

    @Test mutating func `a guest that was silent for hours is still reached`() {
        _ = send(from: anna, to: .broadcast, on: one)
        now = Uptime(seconds: 20_000)
        #expect(send(from: router, to: anna, on: .uplink) == .port(one))
    }

    @Test mutating func `what comes back does not take a guest's frames away from it`() {
        _ = send(from: anna, to: .broadcast, on: one)
        #expect(send(from: anna, to: .broadcast, on: .uplink) == .drop(.reflected))
        #expect(send(from: host, to: .broadcast, on: .uplink) == .drop(.reflected))
        #expect(send(from: bert, to: anna, on: two) == .port(one))
        #expect(send(from: .zero, to: anna, on: .uplink) == .drop(.badSource))
        #expect(send(from: .broadcast, to: anna, on: .uplink) == .drop(.badSource))
    }

    @Test mutating func `a station that no guest was heard using for long may be out there by now`() {
        _ = send(from: anna, to: .broadcast, on: one)
        now = Uptime(seconds: 1299)
        #expect(send(from: anna, to: .broadcast, on: .uplink) == .drop(.reflected))
        now = Uptime(seconds: 1300)
        #expect(send(from: anna, to: .broadcast, on: .uplink) == .flood(gateway: false))
        #expect(send(from: bert, to: anna, on: two) == .port(.uplink))
    }

    @Test mutating func `a guest can have neither the host's address, nor one that the physical network has just used`()
    {
        #expect(send(from: host, to: .broadcast, on: one) == .drop(.badSource))
        _ = send(from: router, to: .broadcast, on: .uplink)
        _ = send(from: router, to: .broadcast, on: one)
        #expect(send(from: anna, to: router, on: two) == .port(.uplink))
        #expect(send(from: router, to: anna, on: .uplink) == .port(two))
    }

    @Test mutating func `a station that moves here is a guest after two seconds`() {
        _ = send(from: anna, to: .broadcast, on: .uplink)
        now = Uptime(seconds: 1003)
        _ = send(from: anna, to: .broadcast, on: one)
        #expect(send(from: bert, to: anna, on: two) == .port(one))
        #expect(send(from: router, to: anna, on: .uplink) == .port(one))
    }

    @Test mutating func `thousands of stations out there take a bounded table, and nothing of the guests`() {
        _ = send(from: anna, to: .broadcast, on: one)
        for number in 0..<20_000 as Range<UInt64> {
            _ = send(from: MACAddress(bits: 0x0016_3e10_0000 + number), to: .broadcast, on: .uplink)
        }
        #expect(network.table.count == ForwardingTable.uplinkEntries + 1)
        #expect(send(from: router, to: anna, on: .uplink) == .port(one))
        // Years later the table is made room in, but not at the cost of a guest that has said nothing since.
        now = Uptime(seconds: 100_000)
        _ = send(from: router, to: .broadcast, on: .uplink)
        #expect(network.table.count == 2)
        #expect(send(from: router, to: anna, on: .uplink) == .port(one))
    }

    @Test mutating func `only guests' addresses change what the uplink has to admit`() {
        var revision = network.table.guestRevision
        _ = send(from: router, to: .broadcast, on: .uplink)
        _ = send(from: router, to: anna, on: .uplink)
        #expect(network.table.guestRevision == revision && network.table.guestAddresses.isEmpty)
        _ = send(from: anna, to: .broadcast, on: one)
        #expect(network.table.guestRevision != revision && network.table.guestAddresses == [anna])
        revision = network.table.guestRevision
        _ = send(from: anna, to: router, on: one)
        #expect(network.table.guestRevision == revision)
        network.detach(one)
        #expect(network.table.guestRevision != revision && network.table.guestAddresses.isEmpty)
    }
}
