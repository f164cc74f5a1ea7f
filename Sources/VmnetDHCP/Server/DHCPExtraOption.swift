package import VmnetWire

/// An option that the server sends without knowing what it means.
package struct DHCPExtraOption: Equatable, Sendable {
    package let code: DHCPOptionCode
    package let bytes: [UInt8]
    /// Sent even to clients that do not ask for it.
    package let isForced: Bool

    /// Throws when the number belongs to the protocol itself.
    package init(code: DHCPOptionCode, bytes: [UInt8], isForced: Bool = false) throws(DHCPConfigurationError) {
        guard !Self.ownCodes.contains(code) else {
            throw DHCPConfigurationError("DHCP option \(code.rawValue) is set by the server itself")
        }
        self.code = code
        self.bytes = bytes
        self.isForced = isForced
    }

    /// `hex` is pairs of hexadecimal digits, which colons or blanks may separate: `01:02:ff`, `0102ff`.
    package init(number: Int, hex: String, isForced: Bool = false) throws(DHCPConfigurationError) {
        guard let number = UInt8(exactly: number), (1...254).contains(number) else {
            throw DHCPConfigurationError("there is no DHCP option \(number): numbers are 1...254")
        }
        let digits = hex.filter { $0 != ":" && $0 != " " }.compactMap(\.hexDigitValue)
        guard digits.count == hex.count(where: { $0 != ":" && $0 != " " }), digits.count.isMultiple(of: 2) else {
            throw DHCPConfigurationError("DHCP option \(number): '\(hex)' is not pairs of hexadecimal digits")
        }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { UInt8(digits[$0] << 4 | digits[$0 + 1]) }
        try self.init(code: DHCPOptionCode(rawValue: number), bytes: bytes, isForced: isForced)
    }

    /// Framing, and what the server decides message by message.
    private static let ownCodes: Set<DHCPOptionCode> = [
        .pad, .end, .overload, .subnetMask, .requestedAddress, .leaseTime, .messageType, .serverIdentifier,
        .parameterRequestList, .message, .maximumMessageSize, .renewalTime, .rebindingTime, .clientIdentifier,
        .rapidCommit, .clientFQDN, .relayAgentInformation,
    ]
}
