package import VmnetWire

/// An address of either version.
package enum IPAddress: Hashable, Sendable {
    case v4(IPv4Address)
    case v6(IPv6Address)
}

extension IPAddress: ExpressibleByStringLiteral {
    /// `"192.168.64.2"` or `"fd00::2"`; anything else stops the process.
    package init(stringLiteral text: String) {
        if let address = IPv4Address(text) {
            self = .v4(address)
        } else if let address = IPv6Address(text) {
            self = .v6(address)
        } else {
            preconditionFailure("not an address: \(text)")
        }
    }
}

/// An address and a port.
package struct Endpoint: Hashable, Sendable {
    package var address: IPAddress
    package var port: UInt16

    package init(_ address: IPv4Address, _ port: UInt16) {
        self.address = .v4(address)
        self.port = port
    }

    package init(_ address: IPv6Address, _ port: UInt16) {
        self.address = .v6(address)
        self.port = port
    }
}

extension Endpoint: ExpressibleByStringLiteral {
    /// `"192.168.64.2:68"` or `"[fd00::2]:546"`; anything else stops the process.
    package init(stringLiteral text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            preconditionFailure("not an address with a port: \(text)")
        }
        let host = text[..<colon]
        address = IPAddress(stringLiteral: String(host.first == "[" ? host.dropFirst().dropLast() : host))
        self.port = port
    }
}
