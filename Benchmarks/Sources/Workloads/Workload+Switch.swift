import VmnetSwitch
import VmnetTesting
import VmnetWire

extension Workload {
    static let switchUnicast = Workload("switch.unicast", "a frame between two known stations") {
        let network = populated()
        let header = EthernetHeader(destination: Station.number(1), source: Station.number(2), type: .ipv4)
        let now = Uptime(seconds: 1)
        return { count in
            var network = network
            for _ in 0..<count { use(network.forward(header, from: PortID(rawValue: 2), now: now)) }
        }
    }

    static let switchFlood = Workload("switch.flood", "a broadcast to 8 ports") {
        let network = populated()
        let header = EthernetHeader(destination: .broadcast, source: Station.number(2), type: .arp)
        let now = Uptime(seconds: 1)
        return { count in
            var network = network
            for _ in 0..<count {
                use(network.forward(header, from: PortID(rawValue: 2), now: now))
                network.forEachPeer(of: PortID(rawValue: 2)) { use($0) }
            }
        }
    }

    static let switchBridged = Workload(
        "switch.bridged", "an isolated guest's broadcast to the physical network, and the answer from there"
    ) {
        var random = SeededGenerator(seed: 1)
        var network = Switch(gateway: nil, hasUplink: true, using: &random)
        let guest = PortID(rawValue: 1)
        network.attach(guest, isIsolated: true)
        let question = EthernetHeader(destination: .broadcast, source: Station.number(1), type: .arp)
        let answer = EthernetHeader(destination: Station.number(1), source: Station.number(2), type: .arp)
        let now = Uptime(seconds: 1)
        return { [network] count in
            var network = network
            for _ in 0..<count {
                use(network.forward(question, from: guest, now: now))
                use(network.peerCount(of: guest))
                var copies = 0
                network.forEachPeer(of: guest) { copies &+= $0.place }
                use(copies)
                use(network.forwardFromUplink(answer, now: now))
            }
        }
    }

    /// Nine ports whose stations have all spoken.
    private static func populated() -> Switch {
        // Where stations lie in the table, and with it how many steps a look takes, is the same in every run.
        var random = SeededGenerator(seed: 1)
        var network = Switch(gateway: Station.gateway, using: &random)
        let now = Uptime(seconds: 1)
        for number in 1...9 as ClosedRange<UInt32> {
            let port = PortID(rawValue: number)
            network.attach(port)
            let header = EthernetHeader(destination: Station.gateway, source: Station.number(number), type: .arp)
            _ = network.forward(header, from: port, now: now)
        }
        return network
    }
}
