/// What a DHCP message is.
package enum DHCPMessageTypeOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> DHCPMessageType? {
        bytes.count == 1 ? DHCPMessageType(rawValue: bytes[0]) : nil
    }

    package static func bytes(of value: DHCPMessageType) -> [UInt8] { [value.rawValue] }
}

extension DHCPOption where Kind == DHCPMessageTypeOption {
    /// RFC 2132, 9.6.
    package static var messageType: Self { Self(.messageType) }
}

/// The values of option 53. Unknown ones are kept.
package struct DHCPMessageType: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt8

    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    package static let discover = DHCPMessageType(rawValue: 1)
    package static let offer = DHCPMessageType(rawValue: 2)
    package static let request = DHCPMessageType(rawValue: 3)
    package static let decline = DHCPMessageType(rawValue: 4)
    package static let acknowledge = DHCPMessageType(rawValue: 5)
    package static let refuse = DHCPMessageType(rawValue: 6)
    package static let release = DHCPMessageType(rawValue: 7)
    package static let inform = DHCPMessageType(rawValue: 8)
}

extension DHCPMessageType: CustomStringConvertible {
    /// The name of RFC 2131, table 2, in lower case and without `DHCP`: `discover`, `nak`.
    package var description: String {
        let names = ["discover", "offer", "request", "decline", "ack", "nak", "release", "inform"]
        let index = Int(rawValue) - 1
        return names.indices.contains(index) ? names[index] : "type \(rawValue)"
    }
}
