/// Why guests cannot be on the network behind an interface.
package enum BridgeObstacle: Equatable, Sendable {
    /// Nobody but this host is behind it.
    case loopback
    /// It carries IP packets or something else, without MAC addresses: a tunnel, a modem.
    case notEthernet
    /// IEEE 802.11 has no room for the address of a station behind a station.
    case wireless
    /// Its frames are another interface's, which takes them before anybody else: a bridge, a bond.
    case port(of: String, kind: String)
    /// It gets frames to its own MAC address only: macvlan, ipvlan.
    case singleAddress(kind: String)
    /// It is switched off.
    case down

    /// As it reads after the interface's name.
    package var reason: String {
        switch self {
        case .loopback: "is the loopback interface"
        case .notEthernet: "is not Ethernet"
        case .wireless: "is wireless: an access point takes frames from a station's own MAC address only"
        case .port(let master, let kind): "is a port of the \(kind) \(master)"
        case .singleAddress(let kind): "is a \(kind), which gets frames to its own MAC address only"
        case .down: "is down"
        }
    }

    /// What to do about it, for the interface of that name; nil = take another interface.
    package func remedy(for name: String) -> String? {
        switch self {
        case .loopback, .notEthernet: nil
        case .wireless: "take a wired interface, or mode shared"
        case .port(let master, _): "take \(master)"
        case .singleAddress: "take the interface that it was made on"
        case .down: "as root: ip link set \(name) up"
        }
    }
}
