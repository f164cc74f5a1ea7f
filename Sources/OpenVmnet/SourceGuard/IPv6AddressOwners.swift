import VmnetSwitch
import VmnetWire

/// Which port was the first to use an IPv6 address.
///
/// A port has so many addresses at most; for one more it gives up the one that it has not used for the longest time, as
/// guests do with their temporary addresses (RFC 8981). So no guest can take away what is another's, nor fill memory.
struct IPv6AddressOwners {
    static let addressesPerPort = 32

    /// By the place of the port, the address used last first.
    private var addresses: [[IPv6Address]] = []
    private var ports: [IPv6Address: PortID] = [:]

    /// How many addresses are somebody's.
    var count: Int { ports.count }

    /// Whether the address is the port's, or becomes so because it is nobody's.
    mutating func take(_ address: IPv6Address, for port: PortID) -> Bool {
        while addresses.count <= port.place { addresses.append([]) }
        if let index = addresses[port.place].firstIndex(of: address) {
            if index > 0 { addresses[port.place].swapAt(0, index) }
            return true
        }
        guard ports[address] == nil else { return false }
        if addresses[port.place].count == Self.addressesPerPort {
            ports[addresses[port.place].removeLast()] = nil
        }
        addresses[port.place].insert(address, at: 0)
        ports[address] = port
        return true
    }

    /// Gives up what a port that has gone had.
    mutating func forget(_ port: PortID) {
        guard port.place < addresses.count else { return }
        for address in addresses[port.place] { ports[address] = nil }
        addresses[port.place] = []
    }
}
