import CVmnetLinux
import Glibc
package import SystemPackage

/// An error that the network reported about a datagram that a socket has sent (`IP_RECVERR`, ip(7)).
package struct DatagramError: Sendable {
    /// Who reports it.
    package enum Origin: Equatable, Sendable {
        /// This host.
        case local
        /// ICMP, with its type and code.
        case icmp(type: UInt8, code: UInt8)
        /// ICMPv6.
        case icmp6(type: UInt8, code: UInt8)
    }

    package let errno: Errno
    package let origin: Origin
    /// The largest packet that gets through, when it was too long.
    package let mtu: UInt32
    /// The router or host that reports it; nil when it is this host.
    package let offender: InternetEndpoint?
    /// Where the datagram was sent.
    package let destination: InternetEndpoint
    /// How many bytes of the datagram's payload the report quotes; `DatagramErrorReader` has them.
    package let quotedByteCount: Int
}

/// Takes errors from sockets one by one. The corresponding C call is `recvmsg` with MSG_ERRQUEUE.
package struct DatagramErrorReader: ~Copyable {
    /// Bytes kept of a quoted payload.
    package static let quoteCapacity = 512

    private var quote = [UInt8](repeating: 0, count: quoteCapacity)

    package init() {}

    /// The bytes quoted by the error that was taken last.
    package func withQuote<R>(_ error: DatagramError, _ body: (Span<UInt8>) -> R) -> R {
        body(quote.span.extracting(first: min(error.quotedByteCount, quote.count)))
    }

    /// The next error that waits at the socket; nil when none does that is about a datagram sent.
    package mutating func next(_ raw: Int32) -> DatagramError? {
        var name = sockaddr_in6()
        var control: [32 of UInt64] = .init(repeating: 0)
        // Safety: every pointer lives for the call, and the header says how far each reaches.
        return unsafe quote.withUnsafeMutableBytes { quote in
            unsafe withUnsafeMutableBytes(of: &name) { name in
                unsafe withUnsafeMutableBytes(of: &control) { control in
                    var vector = unsafe iovec(iov_base: quote.baseAddress, iov_len: quote.count)
                    return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                        var header = unsafe msghdr(
                            msg_name: name.baseAddress, msg_namelen: socklen_t(name.count), msg_iov: vector,
                            msg_iovlen: 1, msg_control: control.baseAddress, msg_controllen: control.count,
                            msg_flags: 0)
                        guard
                            case .success(let count) = SystemCall.result({
                                unsafe recvmsg(raw, &header, Int32(MSG_ERRQUEUE | MSG_DONTWAIT))
                            }), let base = name.baseAddress
                        else { return nil }
                        let destination = unsafe InternetEndpoint(base, byteCount: Int(header.msg_namelen))
                        return unsafe Self.parse(&header, destination, quotedByteCount: min(count, quote.count))
                    }
                }
            }
        }
    }

    // Safety: called with a header that recvmsg has filled, whose control buffer is alive.
    @unsafe private static func parse(
        _ header: UnsafeMutablePointer<msghdr>, _ destination: InternetEndpoint?, quotedByteCount: Int
    ) -> DatagramError? {
        guard let destination else { return nil }
        var found: DatagramError?
        unsafe ControlMessages.forEach(in: header) { level, type, data in
            let isError =
                level == Int32(IPPROTO_IP) && type == IP_RECVERR
                || level == Int32(IPPROTO_IPV6) && type == IPV6_RECVERR
            guard isError, data.count >= MemoryLayout<sock_extended_err>.size else { return }
            let report = unsafe data.loadUnaligned(as: sock_extended_err.self)
            let origin: DatagramError.Origin
            switch Int32(report.ee_origin) {
            case SO_EE_ORIGIN_LOCAL: origin = .local
            case SO_EE_ORIGIN_ICMP: origin = .icmp(type: report.ee_type, code: report.ee_code)
            case SO_EE_ORIGIN_ICMP6: origin = .icmp6(type: report.ee_type, code: report.ee_code)
            default: return
            }
            let rest = unsafe UnsafeRawBufferPointer(rebasing: data[MemoryLayout<sock_extended_err>.size...])
            let offender = unsafe rest.baseAddress.flatMap { unsafe InternetEndpoint($0, byteCount: rest.count) }
            found = DatagramError(
                errno: Errno(rawValue: CInt(truncatingIfNeeded: report.ee_errno)), origin: origin,
                mtu: report.ee_info, offender: offender, destination: destination, quotedByteCount: quotedByteCount)
        }
        return found
    }
}
