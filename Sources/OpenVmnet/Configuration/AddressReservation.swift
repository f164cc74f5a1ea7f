import VmnetDHCP
public import VmnetWire

/// An address that the DHCP server keeps for one guest: `52:54:00:12:34:56=192.168.64.10`, or with a host name,
/// `52:54:00:12:34:56=192.168.64.10,web`.
public struct AddressReservation: Hashable, Sendable {
    /// Whose it is.
    public let macAddress: MACAddress
    /// Any address of the network but the gateway's; it may be outside the DHCP pool.
    public let address: IPv4Address
    /// What the guest is told to be called; nil = it is told nothing.
    public let hostName: String?

    /// - Throws: `.invalidConfiguration` for a name that is no host name (RFC 1123, 2.1).
    public init(macAddress: MACAddress, address: IPv4Address, hostName: String? = nil) throws(VmnetError) {
        if let hostName, HostName(sanitizing: hostName)?.text != hostName {
            throw VmnetError(
                .invalidConfiguration, "'\(hostName)' cannot be a guest's name",
                hint: "use up to 63 letters, digits or '-', which is neither first nor last")
        }
        self.macAddress = macAddress
        self.address = address
        self.hostName = hostName
    }

    /// Parses `MAC=ADDRESS` or `MAC=ADDRESS,NAME`.
    ///
    /// - Throws: `.invalidConfiguration`, naming the value that is wrong.
    public init(_ text: String) throws(VmnetError) {
        let sides = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let values = sides.last?.split(separator: ",", maxSplits: 1, omittingEmptySubsequences: false) ?? []
        guard sides.count == 2, let macAddress = MACAddress(String(sides[0])),
            let address = IPv4Address(String(values[0]))
        else {
            throw VmnetError(
                .invalidConfiguration, "'\(text)' is not a reservation",
                hint: "write MAC=ADDRESS or MAC=ADDRESS,NAME, as in 52:54:00:12:34:56=192.168.64.10,web")
        }
        try self.init(
            macAddress: macAddress, address: address, hostName: values.count > 1 ? String(values[1]) : nil)
    }

    /// As the DHCP server takes it.
    var forServer: DHCPReservation {
        DHCPReservation(
            client: .hardwareAddress(macAddress), address: address,
            hostName: hostName.flatMap(HostName.init(sanitizing:)))
    }
}

extension AddressReservation: CustomStringConvertible {
    /// As it is parsed.
    public var description: String { "\(macAddress)=\(address)" + (hostName.map { ",\($0)" } ?? "") }
}
