import Glibc
import VmnetWire

extension FuzzTarget {
    /// The text that the C library takes for an address is the text that we do, and what is printed is read again.
    static let addresses = FuzzTarget(name: "addresses") { bytes in
        // The C library's text ends at a zero.
        for index in bytes.indices where bytes[index] == 0 { return }
        let text = String(decoding: [UInt8](copying: bytes), as: UTF8.self)

        let ipv4 = IPv4Address(text)
        require(ipv4?.bits == systemIPv4(text), text)
        if let ipv4 { require(ipv4.description == text, text) }

        let ipv6 = IPv6Address(text)
        require(ipv6 == systemIPv6(text), text)
        if let ipv6 { require(IPv6Address(ipv6.description) == ipv6, text) }

        if let mac = MACAddress(text) { require(MACAddress(mac.description) == mac, text) }
    }
}

private func systemIPv4(_ text: String) -> UInt32? {
    var address = in_addr()
    // Safety: the C library writes an in_addr for AF_INET.
    return unsafe inet_pton(AF_INET, text, &address) == 1 ? UInt32(bigEndian: address.s_addr) : nil
}

private func systemIPv6(_ text: String) -> IPv6Address? {
    var address: [2 of UInt64] = [0, 0]
    // Safety: the C library writes 16 bytes for AF_INET6.
    guard unsafe inet_pton(AF_INET6, text, &address) == 1 else { return nil }
    return IPv6Address(high: UInt64(bigEndian: address[0]), low: UInt64(bigEndian: address[1]))
}
