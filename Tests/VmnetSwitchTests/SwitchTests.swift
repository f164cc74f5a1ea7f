import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@Suite struct SwitchTests {
    private let gateway: MACAddress = "52:54:00:00:00:01"
    private let anna: MACAddress = "52:54:00:00:00:0a"
    private let bert: MACAddress = "52:54:00:00:00:0b"
    private let carl: MACAddress = "52:54:00:00:00:0c"
    private let one = PortID(rawValue: 1)
    private let two = PortID(rawValue: 2)
    private let three = PortID(rawValue: 3)

    private var clock = ManualClock()
    private var network: Switch

    init() {
        network = Switch(gateway: gateway)
        for port in [one, two, three] { network.attach(port) }
    }

    /// Where a frame goes, with the ports that hear of it when all do.
    private enum Way: Equatable {
        case gateway
        case port(PortID)
        case flood(to: [PortID], gateway: Bool)
        case drop(DropReason)

        init(_ verdict: Verdict, of network: Switch, from port: PortID) {
            switch verdict {
            case .gateway: self = .gateway
            case .port(let port): self = .port(port)
            case .drop(let reason): self = .drop(reason)
            case .flood(let gateway):
                var peers: [PortID] = []
                network.forEachPeer(of: port) { peers.append($0) }
                self = .flood(to: peers, gateway: gateway)
            }
        }
    }

    /// Sends a frame and returns where it goes.
    private mutating func send(from source: MACAddress, to destination: MACAddress, on port: PortID) -> Way {
        let header = EthernetHeader(destination: destination, source: source, type: .ipv4)
        return Way(network.forward(header, from: port, now: Uptime(clock.now)), of: network, from: port)
    }

    @Test mutating func `a frame to an unknown station goes to every other port, and not to the gateway`() {
        #expect(send(from: anna, to: bert, on: one) == .flood(to: [two, three], gateway: false))
    }

    @Test mutating func `a station that has spoken gets its frames alone`() {
        _ = send(from: bert, to: anna, on: two)
        #expect(send(from: anna, to: bert, on: one) == .port(two))
        #expect(send(from: bert, to: anna, on: two) == .port(one))
    }

    @Test(arguments: ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "33:33:00:00:00:16"] as [MACAddress])
    mutating func `a group address goes to every other port and to the gateway`(group: MACAddress) {
        _ = send(from: bert, to: anna, on: two)
        #expect(send(from: anna, to: group, on: one) == .flood(to: [two, three], gateway: true))
        #expect(send(from: bert, to: group, on: two) == .flood(to: [one, three], gateway: true))
    }

    @Test mutating func `a frame to the gateway goes nowhere else`() {
        #expect(send(from: anna, to: gateway, on: one) == .gateway)
    }

    @Test mutating func `a frame to a station on its own port is dropped`() {
        _ = send(from: anna, to: gateway, on: one)
        _ = send(from: bert, to: gateway, on: one)
        #expect(send(from: anna, to: bert, on: one) == .drop(.samePort))
        #expect(send(from: anna, to: anna, on: one) == .drop(.samePort))
    }

    @Test(
        arguments: ["ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:fb", "00:00:00:00:00:00", "52:54:00:00:00:01"] as [MACAddress])
    mutating func `a group address, zero or the gateway's own is no source`(source: MACAddress) {
        for destination in [bert, gateway, .broadcast] {
            #expect(send(from: source, to: destination, on: one) == .drop(.badSource))
        }
        #expect(network.table.port(of: source, now: Uptime(clock.now)) == nil)
        #expect(network.table.count == 0)
    }

    @Test mutating func `the gateway stays the gateway whoever claims its address`() {
        _ = send(from: gateway, to: .broadcast, on: two)
        #expect(send(from: anna, to: gateway, on: one) == .gateway)
    }

    @Test mutating func `a segment without a gateway has guests only`() {
        network = Switch(gateway: nil)
        for port in [one, two, three] { network.attach(port) }
        #expect(send(from: anna, to: gateway, on: one) == .flood(to: [two, three], gateway: false))
        _ = send(from: gateway, to: anna, on: two)
        #expect(send(from: anna, to: gateway, on: one) == .port(two))
        #expect(send(from: .zero, to: anna, on: three) == .drop(.badSource))
    }

    @Test mutating func `a station that was silent for the ageing time is unknown again`() {
        _ = send(from: bert, to: gateway, on: two)
        clock.advance(by: .seconds(299))
        #expect(send(from: anna, to: bert, on: one) == .port(two))
        clock.advance(by: .seconds(1))
        #expect(send(from: anna, to: bert, on: one) == .flood(to: [two, three], gateway: false))
    }

    @Test mutating func `a station that speaks stays known`() {
        for _ in 0..<10 {
            _ = send(from: bert, to: gateway, on: two)
            clock.advance(by: .seconds(200))
        }
        #expect(send(from: anna, to: bert, on: one) == .port(two))
    }

    @Test func `the ageing time can be another`() {
        var clock = ManualClock()
        var network = Switch(gateway: gateway, age: .seconds(10))
        network.attach(one)
        network.attach(two)
        _ = network.forward(
            EthernetHeader(destination: gateway, source: bert, type: .arp), from: two, now: Uptime(clock.now))
        clock.advance(by: .seconds(10))
        let frame = EthernetHeader(destination: bert, source: anna, type: .arp)
        #expect(network.forward(frame, from: one, now: Uptime(clock.now)) == .flood(gateway: false))
    }

    @Test mutating func `a station that moves is found at its new port at once`() {
        _ = send(from: bert, to: gateway, on: two)
        _ = send(from: bert, to: gateway, on: three)
        #expect(send(from: anna, to: bert, on: one) == .port(three))
        #expect(network.table.addresses(on: two, now: Uptime(clock.now)) == [])
        #expect(network.table.addresses(on: three, now: Uptime(clock.now)) == [bert])
    }

    @Test mutating func `a port that was detached is forgotten with its stations`() {
        _ = send(from: bert, to: gateway, on: two)
        _ = send(from: carl, to: gateway, on: three)
        network.detach(two)
        #expect(send(from: anna, to: bert, on: one) == .flood(to: [three], gateway: false))
        #expect(send(from: anna, to: carl, on: one) == .port(three))
        #expect(send(from: anna, to: .broadcast, on: one) == .flood(to: [three], gateway: true))
    }

    @Test mutating func `what still comes in from a detached port is dropped and teaches nothing`() {
        network.detach(two)
        for destination in [anna, gateway, .broadcast] {
            #expect(send(from: bert, to: destination, on: two) == .drop(.badSource))
        }
        #expect(network.table.count == 0)
    }

    @Test mutating func `a port attached again under its number has no past`() {
        _ = send(from: bert, to: gateway, on: two)
        network.attach(two)
        #expect(send(from: anna, to: bert, on: one) == .flood(to: [two, three], gateway: false))
    }

    @Test mutating func `ports may come and go in any order`() {
        network.detach(one)
        network.attach(PortID(rawValue: 9))
        network.attach(PortID(rawValue: 5))
        network.attach(one)
        network.detach(PortID(rawValue: 9))
        #expect(
            send(from: anna, to: .broadcast, on: three) == .flood(to: [one, two, PortID(rawValue: 5)], gateway: true))
    }

    // MARK: Isolation

    @Test mutating func `an isolated guest reaches the gateway and no other guest`() {
        network.attach(one, isIsolated: true)
        _ = send(from: bert, to: gateway, on: two)
        #expect(send(from: anna, to: gateway, on: one) == .gateway)
        #expect(send(from: anna, to: bert, on: one) == .drop(.isolated))
        #expect(send(from: anna, to: carl, on: one) == .drop(.isolated))
        #expect(send(from: anna, to: .broadcast, on: one) == .flood(to: [], gateway: true))
    }

    @Test mutating func `no guest reaches an isolated one`() {
        network.attach(one, isIsolated: true)
        _ = send(from: anna, to: gateway, on: one)
        #expect(send(from: bert, to: anna, on: two) == .drop(.isolated))
        #expect(send(from: bert, to: carl, on: two) == .flood(to: [three], gateway: false))
        #expect(send(from: bert, to: .broadcast, on: two) == .flood(to: [three], gateway: true))
    }

    @Test mutating func `two isolated guests do not reach each other`() {
        network.attach(one, isIsolated: true)
        network.attach(two, isIsolated: true)
        _ = send(from: bert, to: gateway, on: two)
        #expect(send(from: anna, to: bert, on: one) == .drop(.isolated))
    }

    @Test mutating func `an isolated guest cannot take another guest's address`() {
        network.attach(one, isIsolated: true)
        _ = send(from: bert, to: gateway, on: two)
        #expect(send(from: bert, to: gateway, on: one) == .gateway)
        #expect(send(from: carl, to: bert, on: three) == .port(two))
    }

    @Test mutating func `an isolated guest may have an address that nobody has any more`() {
        network.attach(one, isIsolated: true)
        _ = send(from: bert, to: gateway, on: two)
        clock.advance(by: .seconds(300))
        _ = send(from: bert, to: gateway, on: one)
        #expect(network.table.addresses(on: one, now: Uptime(clock.now)) == [bert])
        #expect(send(from: carl, to: bert, on: three) == .drop(.isolated))
    }

    @Test mutating func `a frame to everybody goes to as many as there are`() {
        #expect(network.peerCount(of: one) == 2)
        network.attach(two, isIsolated: true)
        #expect(network.peerCount(of: one) == 1)
        #expect(network.peerCount(of: two) == 0)
        network.detach(one)
        #expect(network.peerCount(of: one) == 0)
        #expect(network.peerCount(of: three) == 0)
    }

    // MARK: A guest that invents addresses

    @Test mutating func `inventing addresses does not push out another guest's`() {
        _ = send(from: bert, to: gateway, on: two)
        for number in 0..<5000 {
            _ = send(from: MACAddress(bits: 0x0200_0000_0000 + UInt64(number)), to: gateway, on: one)
        }
        #expect(send(from: carl, to: bert, on: three) == .port(two))
        #expect(network.table.count <= ForwardingTable.entriesPerPort + 2)
    }
}
