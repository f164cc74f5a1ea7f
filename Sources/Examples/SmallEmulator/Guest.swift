import OpenVmnet
import VmnetWire

/// What runs in this emulator: a station that answers ARP requests for its address, and pings.
struct Guest {
    private static let (arp, ipv4): ([UInt8], [UInt8]) = ([0x08, 0x06], [0x08, 0x00])

    /// The last address of the network's, which nobody else is given.
    let address: IPv4Address
    private let station: [UInt8]

    /// - Throws: when the network has no addresses.
    init(_ parameters: InterfaceParameters) throws {
        guard let last = parameters.addresses?.end else {
            throw VmnetError(.invalidArgument, "the network gives out no addresses")
        }
        address = last
        station = parameters.macAddress.octets
    }

    /// The answer to an Ethernet frame; nil = the guest has none.
    func answer(_ frame: Span<UInt8>) -> [UInt8]? {
        let octets = frame.indices.map { frame[$0] }
        guard octets.count >= 42 else { return nil }
        switch Array(octets[12..<14]) {
        case Self.arp where octets[21] == 1 && Array(octets[38..<42]) == ownOctets: return answerARP(octets)
        case Self.ipv4 where octets[23] == 1 && octets[34] == 8 && Array(octets[30..<34]) == ownOctets:
            return answerPing(octets)
        default: return nil
        }
    }

    private var ownOctets: [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: address.bits >> (24 - 8 * $0)) } }

    /// "It is at this station" (RFC 826).
    private func answerARP(_ request: [UInt8]) -> [UInt8] {
        var reply = answer(to: request)
        reply[21] = 2
        reply.replaceSubrange(22..<28, with: station)
        reply.replaceSubrange(28..<32, with: ownOctets)
        reply.replaceSubrange(32..<42, with: request[22..<32])
        return reply
    }

    /// The same back, as an echo reply (RFC 792): addresses change places, and the checksum changes as the type does.
    private func answerPing(_ request: [UInt8]) -> [UInt8] {
        var reply = answer(to: request)
        reply.replaceSubrange(26..<30, with: request[30..<34])
        reply.replaceSubrange(30..<34, with: request[26..<30])
        reply[34] = 0
        let sum = Int(request[36]) << 8 + Int(request[37]) + 0x0800
        let checksum = sum & 0xffff + sum >> 16
        reply[36] = UInt8(truncatingIfNeeded: checksum >> 8)
        reply[37] = UInt8(truncatingIfNeeded: checksum)
        return reply
    }

    /// The frame, from this station to the one that it came from.
    private func answer(to request: [UInt8]) -> [UInt8] {
        var reply = request
        reply.replaceSubrange(0..<6, with: request[6..<12])
        reply.replaceSubrange(6..<12, with: station)
        return reply
    }
}
