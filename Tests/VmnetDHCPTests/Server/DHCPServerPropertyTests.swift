import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetDHCP

/// Whatever guests do, in whatever order.
@Suite struct DHCPServerPropertyTests {
    @Test(arguments: [1, 2, 3] as [UInt64])
    func `no address is ever two clients', and everything stays within bounds`(_ seed: UInt64) throws {
        var crowd = try Crowd(seed: seed)
        for _ in 0..<4000 { try crowd.step() }
        #expect(crowd.grants > 300)
    }
}

/// Guests that behave at random, and what each believes to have. All belief is checked against everybody else's.
private struct Crowd {
    /// What a guest believes: the address, and until when it may use it.
    struct Belief {
        var address: IPv4Address
        var end: LeaseTime
    }

    private var network: TestNetwork
    private var generator: SeededGenerator
    private var guests: [Guest]
    private var offers: [Int: IPv4Address] = [:]
    private var beliefs: [Int: Belief] = [:]
    private var detached: Set<Int> = []
    private var limits = LeaseTable.Limits()
    var grants = 0

    init(seed: UInt64) throws {
        generator = SeededGenerator(seed: seed)
        // Thirty guests for nineteen addresses; every third shares a machine id with two others.
        guests = (0..<30).map { number in
            let shared = DHCPClientIdentifier(bytes: [0xff, UInt8(number / 9)])
            return Guest(
                MACAddress(bits: 0x5254_0000_0000 + UInt64(number)),
                identifier: number.isMultiple(of: 3) ? shared : nil, port: UInt32(number))
        }
        network = try TestNetwork {
            try $0.reserve(
                DHCPReservation(client: .hardwareAddress(MACAddress(bits: 0x5254_0000_0001)), address: "192.168.64.5"))
            $0.bootpLeaseDuration = DHCPDuration(seconds: 7200)
        }
        limits.bindings = 25
        limits.remembered = 8
        network.server = DHCPServer(
            configuration: network.server.configuration, restoring: [], limits: limits, now: network.now)
    }

    mutating func step() throws {
        network.elapsed += Int64.random(in: 0...120, using: &generator)
        let number = Int.random(in: guests.indices, using: &generator)
        let guest = guests[number]
        plugIn(number)
        let random = IPv4Address(bits: 0xc0a8_4000 + UInt32.random(in: 0...30, using: &generator))
        let mine = beliefs[number]?.address ?? random
        switch Int.random(in: 0..<20, using: &generator) {
        case 0...5:
            let rapid = Bool.random(using: &generator)
            hear(send(guest.discover { $0.options[.rapidCommit] = rapid ? true : nil }, guest), number)
        case 6...10: if let offer = offers[number] { hear(send(guest.select(offer), guest), number) }
        case 11: hear(send(guest.select(random), guest), number)
        case 12: hear(send(guest.reboot(mine), guest), number)
        case 13: hear(send(guest.renew(mine), guest), number)
        case 14: hear(send(guest.renew(random), guest), number)
        case 15:
            if send(guest.release(mine), guest) == nil, beliefs[number] != nil { beliefs[number] = nil }
        case 16 where beliefs.count > 15:
            _ = send(guest.decline(mine), guest)
            beliefs[number] = nil
        case 17:
            network.detach(guest.port)
            detached.insert(number)
        case 18: hear(send(guest.message(nil), guest), number)
        case 19 where Int.random(in: 0..<20, using: &generator) == 0: try restart()
        default: break
        }
        try check()
    }

    /// A guest that was away for longer than its lease does not trust it any more.
    private mutating func plugIn(_ number: Int) {
        guard detached.remove(number) != nil else { return }
        if let belief = beliefs[number], belief.end <= network.now { beliefs[number] = nil }
        network.server.attach(
            guests[number].hardwareAddress, to: DHCPAttachment(rawValue: guests[number].port), now: network.now)
    }

    private func send(_ message: DHCPMessage, _ guest: Guest) -> DHCPMessage? {
        network.reply(to: message, on: guest.port)
    }

    private mutating func hear(_ reply: DHCPMessage?, _ number: Int) {
        guard let reply else { return }
        // A machine that is away, and whose identifier another one shows, was the same machine.
        for other in detached
        where guests[other].identifier != nil && guests[other].identifier == guests[number].identifier
            && beliefs[other]?.address == reply.yourAddress
        {
            beliefs[other] = nil
        }
        switch reply.type {
        case .offer: offers[number] = reply.yourAddress
        case .refuse: beliefs[number] = nil
        default:
            let duration = reply.options[.leaseTime] ?? DHCPDuration(seconds: 7200)
            beliefs[number] = Belief(address: reply.yourAddress, end: network.now.advanced(by: duration))
            grants += 1
        }
    }

    /// A guest that is attached may use its address for ever, one that is not until its lease ends.
    private func check() throws {
        let inUse = beliefs.filter { $0.value.end > network.now || !detached.contains($0.key) }
        var owner: [IPv4Address: Int] = [:]
        for (number, belief) in inUse {
            try #require(
                owner[belief.address] == nil, "\(belief.address) is of \(number) and \(owner[belief.address] ?? -1)")
            owner[belief.address] = number
            #expect(network.server.configuration.pool.contains(belief.address))
            #expect((belief.address == "192.168.64.5") ? number == 1 : true)
        }
        let counts = network.server.leaseCounts
        #expect(counts.offered + counts.leased + counts.remembered + counts.quarantined <= limits.bindings)
        #expect(counts.remembered <= limits.remembered)
        #expect(Set(network.server.leases.map(\.address)).count == network.server.leases.count)
    }

    /// The journal holds what the server knew, and a server that reads it goes on as before.
    private mutating func restart() throws {
        network.changes += network.server.takeChanges()
        var file = LeaseFile()
        file.read(Array(LeaseFile.text(of: network.changes).utf8).span)
        #expect(file.leases == network.server.leases)
        network.server = DHCPServer(
            configuration: network.server.configuration, restoring: file.leases, limits: limits, now: network.now)
        for (number, guest) in guests.enumerated() where !detached.contains(number) {
            network.server.attach(guest.hardwareAddress, to: DHCPAttachment(rawValue: guest.port), now: network.now)
        }
        offers = [:]
    }
}
