import Testing
import VmnetSwitch
import VmnetTesting
import VmnetWire

@Suite struct ForwardingTableTests {
    private let one = PortID(rawValue: 1)
    private let two = PortID(rawValue: 2)
    private let limit = ForwardingTable.entriesPerPort

    private var clock = ManualClock()
    private var table = ForwardingTable(age: .seconds(300))

    private var uptime: Uptime { Uptime(clock.now) }

    private func station(_ number: Int) -> MACAddress { MACAddress(bits: 0x0200_0000_0000 + UInt64(number)) }

    private func place(of address: MACAddress) -> PortID? { table.port(of: address, now: uptime) }

    private mutating func claim(_ address: MACAddress, for port: PortID) -> Bool {
        table.claim(address, for: port, now: uptime)
    }

    @Test func `nothing is known at first`() {
        #expect(place(of: station(1)) == nil)
        #expect(table.addresses(on: one, now: uptime) == [])
        #expect(table.count == 0)
    }

    @Test mutating func `group addresses are never learned`() {
        for address in [.broadcast, "01:00:5e:00:00:01", "33:33:00:00:00:01"] as [MACAddress] {
            table.learn(address, on: one, now: uptime)
            #expect(place(of: address) == nil)
        }
        #expect(table.count == 0)
    }

    @Test mutating func `what is known of stations is listed by address, with its age`() {
        table.learn(station(2), on: one, now: uptime)
        table.learn(station(3), on: one, now: uptime)
        clock.advance(by: .seconds(250))
        table.learn(station(1), on: two, now: uptime)
        table.learn(station(3), on: two, now: uptime)
        clock.advance(by: .seconds(49))
        #expect(
            table.sightings(now: uptime) == [
                Sighting(address: station(1), port: two, age: 49), Sighting(address: station(2), port: one, age: 299),
                Sighting(address: station(3), port: two, age: 49),
            ])
        clock.advance(by: .seconds(1))
        #expect(table.sightings(now: uptime).map(\.address) == [station(1), station(3)])
    }

    @Test mutating func `the addresses of a port are listed in order, aged ones left out`() {
        for number in [3, 1, 2] { table.learn(station(number), on: one, now: uptime) }
        table.learn(station(9), on: two, now: uptime)
        clock.advance(by: .seconds(200))
        for number in [3, 1] { table.learn(station(number), on: one, now: uptime) }
        clock.advance(by: .seconds(100))
        #expect(table.addresses(on: one, now: uptime) == [station(1), station(3)])
        #expect(table.addresses(on: two, now: uptime) == [])
    }

    @Test mutating func `a port holds its limit and no more`() {
        for number in 0..<(limit + 100) { table.learn(station(number), on: one, now: uptime) }
        #expect(table.count == limit)
        #expect(place(of: station(0)) == one)
        #expect(place(of: station(limit - 1)) == one)
        #expect(place(of: station(limit)) == nil)
    }

    @Test mutating func `each port has the limit to itself`() {
        for number in 0..<(limit + 1) { table.learn(station(number), on: one, now: uptime) }
        for number in 0..<limit { table.learn(station(10_000 + number), on: two, now: uptime) }
        #expect(table.count == 2 * limit)
        #expect(table.addresses(on: two, now: uptime).count == limit)
    }

    @Test mutating func `a full port still refreshes what it holds`() {
        for number in 0..<limit { table.learn(station(number), on: one, now: uptime) }
        clock.advance(by: .seconds(200))
        table.learn(station(7), on: one, now: uptime)
        clock.advance(by: .seconds(200))
        #expect(place(of: station(7)) == one)
        #expect(place(of: station(8)) == nil)
    }

    @Test mutating func `aged addresses make room on a full port, the others stay`() {
        for number in 0..<limit { table.learn(station(number), on: one, now: uptime) }
        clock.advance(by: .seconds(200))
        for number in 0..<10 { table.learn(station(number), on: one, now: uptime) }
        table.learn(station(limit), on: one, now: uptime)
        #expect(place(of: station(limit)) == nil)
        clock.advance(by: .seconds(100))
        table.learn(station(limit), on: one, now: uptime)
        #expect(place(of: station(limit)) == one)
        #expect(table.count == 11)
        #expect(table.addresses(on: one, now: uptime).count == 11)
    }

    @Test mutating func `room is found each time that some address has aged`() {
        // One address a second, so that from the ageing time on one a second goes.
        var table = ForwardingTable(age: .seconds(limit))
        for number in 0..<limit {
            table.learn(station(number), on: one, now: uptime)
            clock.advance(by: .seconds(1))
        }
        for number in limit..<(limit + 50) {
            table.learn(station(number), on: one, now: uptime)
            #expect(table.port(of: station(number), now: uptime) == one)
            table.learn(station(50_000 + number), on: one, now: uptime)
            #expect(table.port(of: station(50_000 + number), now: uptime) == nil)
            clock.advance(by: .seconds(1))
        }
        #expect(table.count == limit)
    }

    @Test mutating func `a moving address frees its place on the old port`() {
        for number in 0..<limit { table.learn(station(number), on: one, now: uptime) }
        table.learn(station(0), on: two, now: uptime)
        table.learn(station(limit), on: one, now: uptime)
        #expect(place(of: station(0)) == two)
        #expect(place(of: station(limit)) == one)
        #expect(table.count == limit + 1)
    }

    @Test mutating func `a full port takes no address from another`() {
        table.learn(station(limit), on: two, now: uptime)
        for number in 0..<limit { table.learn(station(number), on: one, now: uptime) }
        table.learn(station(limit), on: one, now: uptime)
        #expect(place(of: station(limit)) == two)
    }

    @Test mutating func `a port that goes takes its addresses along, and a full one leaves room`() {
        for number in 0..<limit { table.learn(station(number), on: one, now: uptime) }
        table.learn(station(limit), on: two, now: uptime)
        table.forget(one)
        #expect(table.count == 1)
        #expect(place(of: station(limit)) == two)
        table.forget(PortID(rawValue: 7))
        table.learn(station(0), on: one, now: uptime)
        #expect(place(of: station(0)) == one)
    }

    @Test mutating func `a claim leaves to others what they were seen with lately, and takes what is nobody's`() {
        table.learn(station(1), on: one, now: uptime)
        clock.advance(by: .seconds(299))
        #expect(!claim(station(1), for: two))
        #expect(claim(station(2), for: two))
        #expect(place(of: station(1)) == one && place(of: station(2)) == two)
        clock.advance(by: .seconds(1))
        #expect(claim(station(1), for: two))
        #expect(claim(station(2), for: two))
        clock.advance(by: .seconds(299))
        #expect(place(of: station(1)) == two && place(of: station(2)) == two)
        #expect(!claim(station(2), for: one))
    }

    @Test mutating func `random use keeps the table and the ports' lists in agreement`() {
        var random = SeededGenerator(seed: 802)
        let ports = (1...4).map { PortID(rawValue: $0) }
        var table = ForwardingTable(age: .seconds(5))
        var model: [MACAddress: (port: PortID, seen: ContinuousClock.Instant)] = [:]
        for _ in 0..<5000 {
            clock.advance(by: .seconds(1))
            if Int.random(in: 0..<50, using: &random) == 0 {
                let port = ports[Int.random(in: 0..<4, using: &random)]
                table.forget(port)
                model = model.filter { $0.value.port != port }
            } else {
                let address = station(.random(in: 0..<20, using: &random))
                let port = ports[Int.random(in: 0..<4, using: &random)]
                table.learn(address, on: port, now: uptime)
                model[address] = (port, clock.now)
            }
            model = model.filter { clock.now - $0.value.seen < .seconds(5) }
            for port in ports {
                #expect(
                    table.addresses(on: port, now: uptime)
                        == model.filter { $0.value.port == port }.keys.sorted())
            }
        }
    }

    @Test mutating func `within one moment a station is where it was seen last, however often it moves`() {
        var random = SeededGenerator(seed: 803)
        var model: [MACAddress: PortID] = [:]
        for _ in 0..<5000 {
            let address = station(.random(in: 0..<3, using: &random))
            let port = PortID(rawValue: .random(in: 1...3, using: &random))
            if Int.random(in: 0..<10, using: &random) == 0 {
                table.forget(port)
                model = model.filter { $0.value != port }
            } else {
                table.learn(address, on: port, now: uptime)
                model[address] = port
            }
            for number in 0..<3 { #expect(place(of: station(number)) == model[station(number)]) }
        }
    }
}
