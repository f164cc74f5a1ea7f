package import VmnetWire

/// What the server does about a message.
package enum DHCPAnswer: Equatable, Sendable {
    case reply(DHCPReply)
    case silence(DHCPSilence)
}

/// Why there is no reply.
package struct DHCPSilence: Equatable, Sendable {
    package enum Reason: UInt8, CaseIterable, Sendable {
        /// It is a server's message, and we are the server.
        case notARequest
        /// A field contradicts another one or the protocol.
        case malformed
        /// It speaks for a station that is attached elsewhere.
        case spoofed
        /// The relay's address is not one on this network.
        case foreignRelay
        /// A message type that this server does not serve.
        case unsupported
        /// The client has chosen another server.
        case otherServer
        /// An INFORM from an address outside the subnet.
        case foreignAddress
        /// A RELEASE or DECLINE of an address that the client does not have.
        case unknownLease
        /// No address is left.
        case poolExhausted
        /// A RELEASE: there is nothing to reply.
        case released
        /// A DECLINE: there is nothing to reply.
        case declined

        /// The name in status output and metrics: `pool_exhausted`.
        package var name: String {
            switch self {
            case .notARequest: "not_a_request"
            case .malformed: "malformed"
            case .spoofed: "spoofed"
            case .foreignRelay: "foreign_relay"
            case .unsupported: "unsupported"
            case .otherServer: "other_server"
            case .foreignAddress: "foreign_address"
            case .unknownLease: "unknown_lease"
            case .poolExhausted: "pool_exhausted"
            case .released: "released"
            case .declined: "declined"
            }
        }
    }

    package let reason: Reason
    /// The address that it is about, where there is one.
    package let address: IPv4Address?
    /// Worth a line in the log: an address was declined, or the pool is exhausted for the first time since an address
    /// was last given from it.
    package let isNews: Bool

    init(_ reason: Reason, address: IPv4Address? = nil, isNews: Bool = false) {
        self.reason = reason
        self.address = address
        self.isNews = isNews
    }
}
