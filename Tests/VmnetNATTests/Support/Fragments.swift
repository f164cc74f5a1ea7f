import VmnetTesting
import VmnetWire

/// Cuts an IPv4 frame into fragments.
enum Fragments {
    /// `size` is that of a fragment's payload, a multiple of 8.
    static func of(_ frame: [UInt8], size: Int, identification: UInt16 = 77) -> [[UInt8]] {
        guard let packet = Packet(frame) else { preconditionFailure("no IPv4 frame") }
        let builder = FrameBuilder(from: packet.ethernet.source, to: packet.ethernet.destination)
        return stride(from: 0, to: packet.payload.count, by: size).map { start in
            let end = min(start + size, packet.payload.count)
            var header = IPv4Header(
                proto: packet.header.proto, source: packet.header.source, destination: packet.header.destination,
                payloadLength: end - start, identification: identification, dontFragment: false)
            header.fragmentOffset = start
            header.moreFragments = end < packet.payload.count
            return builder.ipv4(header, payload: Array(packet.payload[start..<end]))
        }
    }
}
