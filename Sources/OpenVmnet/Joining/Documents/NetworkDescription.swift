package import VmnetWire

/// What a network says about itself to those who join it.
package struct NetworkDescription: Equatable, Sendable {
    package let name: String
    package let mode: OperationMode
    /// As `Network.host`, `addresses` and so on.
    package let host: HostAddress?
    package let addresses: AddressRange?
    package let identifier: NetworkIdentifier?
    package let mtu: Int
    package let nat66Prefix: IPv6Address?

    package init(_ network: Network) {
        name = network.name
        mode = network.mode
        host = network.host
        addresses = network.addresses
        identifier = network.identifier
        mtu = network.mtu
        nat66Prefix = network.nat66Prefix
    }

    /// With the names that the status has for them.
    var members: [String: JSONValue?] {
        [
            "network": .text(name), "mode": .text(mode.rawValue), "mtu": .number(mtu),
            "start_address": host.map { .text("\($0.address)") },
            "end_address": addresses.map { .text("\($0.end)") },
            "subnet_mask": host.map { .text("\($0.subnet.mask)") },
            "network_identifier": identifier.map { .text("\($0)") },
            "nat66_prefix": nat66Prefix.map { .text("\($0)") },
        ]
    }

    init(_ object: JSONObject) throws(JSONError) {
        guard let name = try object.text("network"), let mtu = try object.number("mtu"), mtu > 0,
            mtu <= Frame.maximumByteCount, let mode = try object.text("mode").flatMap(OperationMode.init)
        else { throw JSONError() }
        self.name = name
        self.mode = mode
        self.mtu = mtu
        (host, addresses) = try Self.addresses(object)
        identifier = try object.text("network_identifier").flatMap { NetworkIdentifier($0) }
        nat66Prefix = try object.text("nat66_prefix").flatMap { IPv6Address($0) }
    }

    private static func addresses(_ object: JSONObject) throws(JSONError) -> (HostAddress?, AddressRange?) {
        guard let start = try object.text("start_address").flatMap({ IPv4Address($0) }),
            let mask = try object.text("subnet_mask").flatMap({ IPv4Address($0) })
        else { return (nil, nil) }
        let end = try object.text("end_address").flatMap { IPv4Address($0) }
        return (
            try? HostAddress(address: start, mask: mask),
            end.flatMap { try? AddressRange(start: start, end: $0, mask: mask) }
        )
    }
}
