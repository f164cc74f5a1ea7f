import TAPGuest
import Testing
import VmnetWire

/// An Ethernet frame as it is on the wire, without its check sequence. The EtherType is one for local experiments
/// (IEEE 802-2014, 9.2.4), which nobody answers, unless another is given.
func ethernetFrame(
    to destination: MACAddress, from source: MACAddress, type: UInt16 = 0x88b5, payload: [UInt8]
) -> [UInt8] {
    destination.octets + source.octets + [UInt8(type >> 8), UInt8(truncatingIfNeeded: type)] + payload
}

/// Asks for the gateway's address by ARP (RFC 826), as the simplest of all guests.
func resolveGateway(over socket: UnixSocket) throws -> MACAddress {
    let own = MACAddress(bits: 0x0200_0000_0008)
    // Ethernet, IPv4, request; from 192.168.105.200 for 192.168.105.1.
    let request: [UInt8] =
        [0x00, 0x01, 0x08, 0x00, 6, 4, 0x00, 0x01] + own.octets + [192, 168, 105, 200] + [0, 0, 0, 0, 0, 0]
        + [192, 168, 105, 1]
    try socket.send(frame: ethernetFrame(to: .broadcast, from: own, type: 0x0806, payload: request))
    try #require(socket.isReadable(within: 5000))
    let reply = try socket.receive(upTo: 1518).dropFirst(socket.kind == .stream ? 4 : 0)
    try #require(reply.count >= 14 + 28)
    return MACAddress(bits: reply.dropFirst(6).prefix(6).reduce(0) { $0 << 8 | UInt64($1) })
}

/// Bytes that look like nothing in particular and are the same every time (xorshift64).
struct Noise: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 24) }
    }
}
