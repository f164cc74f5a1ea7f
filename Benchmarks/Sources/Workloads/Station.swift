import VmnetDHCP
import VmnetTesting
import VmnetWire

/// The addresses of the frames that are measured.
enum Station {
    static let gateway: MACAddress = "52:55:c0:a8:40:01"
    static let gatewayAddress: IPv4Address = "192.168.64.1"

    /// The station of the n-th guest, from 1 on.
    static func number(_ number: UInt32) -> MACAddress { MACAddress(bits: 0x5254_0012_3400 + UInt64(number)) }

    /// Full TCP segments of one connection from one station to another, in order.
    static func segments(
        _ count: Int, from source: MACAddress = number(1), to destination: MACAddress = number(2)
    ) -> [[UInt8]] {
        let builder = FrameBuilder(from: source, to: destination)
        return (0..<count).map { index in
            builder.tcp(
                from: "192.168.64.2:1025", to: "192.168.64.3:80", flags: .ack, sequence: UInt32(index * segmentSize),
                payload: [UInt8](repeating: 7, count: segmentSize))
        }
    }

    /// What gets the n-th guest an address at once (RFC 4039).
    static func leaseRequest(from number: UInt32) -> [UInt8] {
        var message = DHCPMessage(operation: .request, transactionID: 7, hardwareAddress: self.number(number))
        message.type = .discover
        message.options[.rapidCommit] = true
        return FrameBuilder(from: self.number(number), to: gateway).udp(
            from: "0.0.0.0:68", to: "255.255.255.255:67", payload: message.bytes())
    }

    /// The payload of a full segment, in bytes.
    static let segmentSize = 1460
}
