public import VmnetWire

/// Addresses as string literals. A wrong one stops the process.

extension MACAddress: ExpressibleByStringLiteral {
    /// `"52:54:00:12:34:56"`.
    public init(stringLiteral text: String) {
        guard let address = MACAddress(text) else { preconditionFailure("not a MAC address: \(text)") }
        self = address
    }
}

extension IPv4Address: ExpressibleByStringLiteral {
    /// `"192.168.64.2"`.
    public init(stringLiteral text: String) {
        guard let address = IPv4Address(text) else { preconditionFailure("not an IPv4 address: \(text)") }
        self = address
    }
}

extension IPv6Address: ExpressibleByStringLiteral {
    /// `"fd00::2"`.
    public init(stringLiteral text: String) {
        guard let address = IPv6Address(text) else { preconditionFailure("not an IPv6 address: \(text)") }
        self = address
    }
}
