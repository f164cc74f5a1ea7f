import VmnetDHCP
import VmnetSwitch
import VmnetWire

/// Who is on the network at this moment, under which address and at which port: what leases say, and ARP for those that
/// have given themselves an address.
struct GuestDirectory {
    struct Guest: Equatable {
        let address: IPv4Address
        let station: MACAddress
        let port: PortID
        /// As it was told to the DHCP server, in lower case.
        var name: String?
        /// Whether the address is leased.
        var isLeased = false
    }

    /// What became of a search, with the sentence for whoever waits.
    enum Finding: Equatable {
        case found(Guest)
        /// Nobody, as far as can be seen: one who says nothing is forgotten after a while.
        case unseen(String)
        /// Several, and no reason to choose one.
        case several(String)
    }

    private var byAddress: [IPv4Address: Guest] = [:]
    /// Each at its leased address, if it has one.
    private var byStation: [MACAddress: Guest] = [:]

    /// - Parameter guests: those who have leased their address after those who have not, and later before earlier ones.
    init(_ guests: [Guest]) {
        for guest in guests {
            byAddress[guest.address] = guest
            byStation[guest.station] = guest
        }
    }

    func find(_ wanted: PortForward.Guest) -> Finding {
        switch wanted {
        case .only:
            guard byStation.count < 2 else {
                return .several("\(byStation.count) guests have an address: the forward has to name one of them")
            }
            return finding(byStation.values.first, "no guest has an address yet")
        case .address(let address): return finding(byAddress[address], "no guest has the address \(address) yet")
        case .station(let station): return finding(byStation[station], "the guest \(station) has no address yet")
        case .name(let name):
            let namesakes = byStation.values.filter { $0.name == name }
            guard namesakes.count < 2 else {
                return .several("\(namesakes.count) guests call themselves \(name): name it by its MAC address")
            }
            return finding(namesakes.first, "no guest has leased an address under the name \(name) yet")
        }
    }

    private func finding(_ guest: Guest?, _ reason: String) -> Finding {
        guest.map { .found($0) } ?? .unseen(reason)
    }
}

extension NetworkState {
    /// Those who are there now.
    func guestDirectory() -> GuestDirectory {
        let seen = neighbours.stations(now: now).compactMap { neighbour -> GuestDirectory.Guest? in
            let addresses = configuration.addresses
            guard addresses.subnet.contains(neighbour.address), neighbour.address != addresses.start,
                let port = `switch`.table.port(of: neighbour.station, now: uptime)
            else { return nil }
            return GuestDirectory.Guest(address: neighbour.address, station: neighbour.station, port: port)
        }
        let leased = dhcp.presentLeases.map { lease, port in
            GuestDirectory.Guest(
                address: lease.address, station: lease.hardwareAddress, port: port,
                name: lease.hostName?.text.lowercased(), isLeased: true)
        }
        return GuestDirectory((seen + leased).filter { attachments[$0.port] != nil })
    }
}
