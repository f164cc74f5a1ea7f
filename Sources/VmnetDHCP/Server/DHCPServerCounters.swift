package import VmnetWire

/// What a server received, sent and did not answer.
package struct DHCPServerCounters: Equatable, Sendable {
    /// Indexed by message type; 0 is BOOTP, and the last place is for every type that RFC 2131 does not have.
    private var received = [UInt64](repeating: 0, count: 10)
    private var sent = [UInt64](repeating: 0, count: 10)
    private var silences = [UInt64](repeating: 0, count: DHCPSilence.Reason.allCases.count)
    /// Free or remembered addresses that were not given because somebody was using them.
    package private(set) var conflicts: UInt64 = 0

    package init() {}

    /// Messages of a type received; nil stands for BOOTP.
    package func received(_ type: DHCPMessageType?) -> UInt64 { received[Self.index(of: type)] }

    /// Replies of a type sent; nil stands for BOOTP.
    package func sent(_ type: DHCPMessageType?) -> UInt64 { sent[Self.index(of: type)] }

    package func silent(_ reason: DHCPSilence.Reason) -> UInt64 { silences[Int(reason.rawValue)] }

    mutating func countReceived(_ type: DHCPMessageType?) { received[Self.index(of: type)] &+= 1 }

    mutating func countConflict() { conflicts &+= 1 }

    mutating func count(_ answer: DHCPAnswer) {
        switch answer {
        case .reply(let reply): sent[Self.index(of: reply.message.type)] &+= 1
        case .silence(let silence): silences[Int(silence.reason.rawValue)] &+= 1
        }
    }

    private static func index(of type: DHCPMessageType?) -> Int {
        guard let type else { return 0 }
        return (1...8).contains(type.rawValue) ? Int(type.rawValue) : 9
    }
}
