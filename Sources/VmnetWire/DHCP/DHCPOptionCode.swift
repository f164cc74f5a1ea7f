/// The number of a DHCP option (RFC 2132, section 2, and the IANA registry). Unknown numbers are kept.
package struct DHCPOptionCode: RawRepresentable, Hashable, Comparable, Sendable {
    package let rawValue: UInt8

    @inlinable
    package init(rawValue: UInt8) {
        self.rawValue = rawValue
    }

    @inlinable
    package static func < (left: DHCPOptionCode, right: DHCPOptionCode) -> Bool { left.rawValue < right.rawValue }

    /// One byte without a length, between options (RFC 2132, 3.1).
    package static let pad = DHCPOptionCode(rawValue: 0)
    /// One byte without a length, after the last option of a field (RFC 2132, 3.2).
    package static let end = DHCPOptionCode(rawValue: 255)

    package static let subnetMask = DHCPOptionCode(rawValue: 1)
    package static let routers = DHCPOptionCode(rawValue: 3)
    package static let domainNameServers = DHCPOptionCode(rawValue: 6)
    package static let hostName = DHCPOptionCode(rawValue: 12)
    package static let domainName = DHCPOptionCode(rawValue: 15)
    package static let interfaceMTU = DHCPOptionCode(rawValue: 26)
    package static let broadcastAddress = DHCPOptionCode(rawValue: 28)
    package static let staticRoutes = DHCPOptionCode(rawValue: 33)
    package static let timeServers = DHCPOptionCode(rawValue: 42)
    package static let vendorSpecific = DHCPOptionCode(rawValue: 43)
    package static let requestedAddress = DHCPOptionCode(rawValue: 50)
    package static let leaseTime = DHCPOptionCode(rawValue: 51)
    package static let overload = DHCPOptionCode(rawValue: 52)
    package static let messageType = DHCPOptionCode(rawValue: 53)
    package static let serverIdentifier = DHCPOptionCode(rawValue: 54)
    package static let parameterRequestList = DHCPOptionCode(rawValue: 55)
    package static let message = DHCPOptionCode(rawValue: 56)
    package static let maximumMessageSize = DHCPOptionCode(rawValue: 57)
    package static let renewalTime = DHCPOptionCode(rawValue: 58)
    package static let rebindingTime = DHCPOptionCode(rawValue: 59)
    package static let vendorClass = DHCPOptionCode(rawValue: 60)
    package static let clientIdentifier = DHCPOptionCode(rawValue: 61)
    package static let tftpServerName = DHCPOptionCode(rawValue: 66)
    package static let bootFileName = DHCPOptionCode(rawValue: 67)
    package static let rapidCommit = DHCPOptionCode(rawValue: 80)
    package static let clientFQDN = DHCPOptionCode(rawValue: 81)
    package static let relayAgentInformation = DHCPOptionCode(rawValue: 82)
    package static let posixTimeZone = DHCPOptionCode(rawValue: 100)
    package static let timeZoneName = DHCPOptionCode(rawValue: 101)
    package static let ipv6OnlyPreferred = DHCPOptionCode(rawValue: 108)
    package static let captivePortal = DHCPOptionCode(rawValue: 114)
    package static let autoConfigure = DHCPOptionCode(rawValue: 116)
    package static let domainSearch = DHCPOptionCode(rawValue: 119)
    package static let classlessRoutes = DHCPOptionCode(rawValue: 121)
    package static let tftpServerAddresses = DHCPOptionCode(rawValue: 150)
    /// Microsoft's number for the same contents as 121.
    package static let microsoftClasslessRoutes = DHCPOptionCode(rawValue: 249)
    /// Web proxy auto-discovery: a URL.
    package static let proxyAutoDiscovery = DHCPOptionCode(rawValue: 252)
}

extension DHCPOptionCode: CustomStringConvertible {
    package var description: String { "option \(rawValue)" }
}
