import SystemPackage
import VmnetSystem
import VmnetWire

/// An ICMP or ICMPv6 error for the guest about one of its datagrams.
struct GuestErrorReport: Equatable {
    /// Bytes of the datagram's payload that are quoted at most: with all headers no more than every link carries
    /// (RFC 1812, 4.3.2.3).
    static let quotedByteCount = 512

    let type: UInt8
    let code: UInt8
    /// The MTU of "fragmentation needed" and "packet too big".
    let mtu: UInt32

    private init(type: UInt8, code: UInt8, mtu: UInt32 = 0) {
        self.type = type
        self.code = code
        self.mtu = mtu
    }

    /// What another host or router says, in the words of the guest's family; nil when that has none for it.
    init?(_ error: DatagramError, isIPv4: Bool) {
        switch error.origin {
        case .icmp(let type, let code) where isIPv4:
            let isTooLong =
                type == ICMPHeader.V4.destinationUnreachable && code == ICMPHeader.V4.fragmentationNeeded
            guard type == ICMPHeader.V4.destinationUnreachable || type == ICMPHeader.V4.timeExceeded else {
                return nil
            }
            self.init(type: type, code: code, mtu: isTooLong ? min(error.mtu, 0xffff) : 0)
        case .icmp6(let type, let code) where !isIPv4:
            guard (ICMPHeader.V6.destinationUnreachable...ICMPHeader.V6.timeExceeded).contains(type) else {
                return nil
            }
            self.init(type: type, code: code, mtu: type == ICMPHeader.V6.packetTooBig ? error.mtu : 0)
        case .local where error.errno == .messageTooLong:
            self =
                isIPv4
                ? GuestErrorReport(
                    type: ICMPHeader.V4.destinationUnreachable, code: ICMPHeader.V4.fragmentationNeeded,
                    mtu: min(error.mtu, 0xffff))
                : GuestErrorReport(type: ICMPHeader.V6.packetTooBig, code: 0, mtu: error.mtu)
        default:
            self.init(error.errno, isIPv4: isIPv4)
        }
    }

    /// What this host says when it does not let a datagram go; nil when that is not about the way there.
    init?(_ error: Errno, isIPv4: Bool) {
        let unreachable = isIPv4 ? ICMPHeader.V4.destinationUnreachable : ICMPHeader.V6.destinationUnreachable
        switch error {
        // RFC 792; RFC 4443, 3.1.
        case .networkUnreachable, .networkDown: self.init(type: unreachable, code: 0)
        case .noRouteToHost, .hostIsDown: self.init(type: unreachable, code: isIPv4 ? 1 : 3)
        case .connectionRefused:
            self.init(type: unreachable, code: isIPv4 ? ICMPHeader.V4.portUnreachable : 4)
        case .notPermitted, .permissionDenied:
            self.init(
                type: unreachable,
                code: isIPv4
                    ? ICMPHeader.V4.administrativelyProhibited : ICMPHeader.V6.administrativelyProhibited)
        default: return nil
        }
    }

    /// The whole frame, with the datagram quoted as the guest has sent it: IP header, UDP header, some payload.
    func frame(
        _ ethernet: EthernetHeader, from offender: IPv6Address, aboutDatagramFrom guest: InternetEndpoint,
        to destination: InternetEndpoint, quoting payload: Span<UInt8>
    ) -> [UInt8] {
        let isIPv4 = guest.isIPv4
        let quoted = payload.extracting(first: min(payload.count, Self.quotedByteCount))
        let datagramByteCount = UDPHeader.byteCount + quoted.count
        let message = [UInt8](
            capacity: ICMPHeader.byteCount + IPv6Header.byteCount + datagramByteCount
        ) { output in
            ICMPHeader(type: type, code: code, rest: mtu).write(to: &output)
            Self.writeHeader(
                isIPv4, .udp, from: guest.address, to: destination.address, datagramByteCount, to: &output)
            UDPHeader(sourcePort: guest.port, destinationPort: destination.port, payloadLength: quoted.count)
                .write(to: &output)
            output.append(quoted)
        }
        var sum = InternetChecksum()
        if !isIPv4 {
            sum.addPseudoHeader(source: offender, destination: guest.address, proto: .icmpv6, length: message.count)
        }
        sum.add(message.span)
        return [UInt8](capacity: EthernetHeader.byteCount + IPv6Header.byteCount + message.count) { output in
            ethernet.write(to: &output)
            Self.writeHeader(
                isIPv4, isIPv4 ? .icmp : .icmpv6, from: offender, to: guest.address, message.count,
                to: &output)
            output.append(message.span.extracting(first: 2))
            output.append(be16: sum.finished)
            output.append(message.span.extracting(droppingFirst: 4))
        }
    }

    private static func writeHeader(
        _ isIPv4: Bool, _ proto: IPProtocol, from source: IPv6Address, to destination: IPv6Address,
        _ payloadLength: Int, to output: inout OutputSpan<UInt8>
    ) {
        if isIPv4 {
            IPv4Header(
                proto: proto, source: source.mapped, destination: destination.mapped, payloadLength: payloadLength
            ).write(to: &output)
        } else {
            IPv6Header(
                nextHeader: proto, source: source, destination: destination, payloadLength: payloadLength
            ).write(to: &output)
        }
    }
}
