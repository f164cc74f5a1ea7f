package import VmnetWire

/// The addresses that clients without a reservation get: a range within one subnet.
package struct AddressPool: Hashable, Sendable {
    package let first: IPv4Address
    /// Not before `first`.
    package let last: IPv4Address

    /// The addresses after the gateway up to `last`; the subnet's broadcast address is never one of them. nil when there
    /// are none, or when gateway and last are not both usable addresses of `subnet`.
    package init?(after gateway: IPv4Address, through last: IPv4Address, in subnet: IPv4Subnet) {
        guard subnet.prefixLength <= 30, subnet.contains(gateway), subnet.contains(last), gateway != subnet.network,
            gateway < min(last, subnet.broadcast.advanced(by: -1))
        else { return nil }
        first = gateway.advanced(by: 1)
        self.last = min(last, subnet.broadcast.advanced(by: -1))
    }

    package var count: Int { Int(last.bits - first.bits) + 1 }

    package func contains(_ address: IPv4Address) -> Bool { first <= address && address <= last }

    /// The number of an address of the pool, from 0.
    func index(of address: IPv4Address) -> Int? {
        contains(address) ? Int(address.bits - first.bits) : nil
    }
}
