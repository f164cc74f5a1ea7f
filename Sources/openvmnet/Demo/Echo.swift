import VmnetSystem
import VmnetWire

/// ICMP echo to one host (RFC 792), as `ping` does it: one request at a time, each waited for.
struct Echo: ~Copyable {
    private let socket: BlockingSocket
    private let identifier: UInt16
    private var buffer = [UInt8](repeating: 0, count: 2048)

    /// An unanswered request is given up after this time.
    static let timeout = Duration.seconds(1)

    init(to address: IPv4Address, identifier: UInt16) throws(SystemError) {
        socket = try BlockingSocket.icmp(to: address.bits)
        self.identifier = identifier
    }

    /// Sends one request and waits for its reply; nil when none came in time.
    mutating func ping(sequence: UInt16) throws(SystemError) -> Duration? {
        let start = ContinuousClock.now
        try socket.send(Self.request(identifier: identifier, sequence: sequence).span)
        while true {
            let left = Self.timeout - start.duration(to: .now)
            guard left > .zero else { return nil }
            try socket.setTimeout(left)
            guard let count = try socket.receive(into: &buffer) else { return nil }
            let packet = buffer.span.extracting(first: count)
            if Self.isReply(packet, identifier: identifier, sequence: sequence) { return start.duration(to: .now) }
        }
    }

    /// The ICMP message, with 56 bytes of data as `ping` sends.
    static func request(identifier: UInt16, sequence: UInt16) -> [UInt8] {
        let data = (0..<56).map { UInt8($0) }
        var header = ICMPHeader(
            type: ICMPHeader.V4.echoRequest, code: 0, rest: UInt32(identifier) << 16 | UInt32(sequence))
        func message() -> [UInt8] {
            [UInt8](capacity: ICMPHeader.byteCount + data.count) { output in
                header.write(to: &output)
                output.append(data.span)
            }
        }
        header.checksum = InternetChecksum.of(message().span)
        return message()
    }

    /// Whether `packet`, which begins with the IP header, answers that request. The kernel has checked the IP header.
    static func isReply(_ packet: Span<UInt8>, identifier: UInt16, sequence: UInt16) -> Bool {
        guard packet.count > 0 else { return false }
        let headerByteCount = Int(packet[0] & 15) * 4
        guard packet.count >= headerByteCount,
            let icmp = try? ICMPHeader(parsing: packet.extracting(droppingFirst: headerByteCount))
        else { return false }
        return icmp.type == ICMPHeader.V4.echoReply && icmp.rest == UInt32(identifier) << 16 | UInt32(sequence)
    }
}
