/// An IPv6 address, as two integers in host order.
public struct IPv6Address: Hashable, Sendable {
    /// The first eight octets.
    public let high: UInt64
    /// The last eight octets.
    public let low: UInt64

    /// The address of these sixteen octets.
    @inlinable
    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// ::.
    public static let any = IPv6Address(high: 0, low: 0)
    /// ::1.
    public static let loopback = IPv6Address(high: 0, low: 1)

    /// ff00::/8 (RFC 4291, 2.7).
    @inlinable
    public var isMulticast: Bool { high >> 56 == 0xff }

    /// fe80::/10 (RFC 4291, 2.5.6).
    @inlinable
    public var isLinkLocal: Bool { high >> 54 == 0x3fa }

    /// fc00::/7 (RFC 4193).
    @inlinable
    public var isUniqueLocal: Bool { high >> 57 == 0x7e }

    /// ::ffff:0:0/96 (RFC 4291, 2.5.5.2), or the deprecated ::/96 with an IPv4 address in it (2.5.5.1).
    @inlinable
    public var embedsIPv4: Bool { high == 0 && (low >> 32 == 0xffff || (low >> 32 == 0 && low > 1)) }

    /// Whether the first `prefixLength` bits (0...128) are those of `prefix`.
    public func matches(_ prefix: IPv6Address, prefixLength: Int) -> Bool {
        let highBits = min(max(prefixLength, 0), 64)
        let lowBits = min(max(prefixLength - 64, 0), 64)
        let highDiffers = highBits > 0 && (high ^ prefix.high) >> UInt64(64 - highBits) != 0
        let lowDiffers = lowBits > 0 && (low ^ prefix.low) >> UInt64(64 - lowBits) != 0
        return !highDiffers && !lowDiffers
    }

    /// The eight 16-bit groups in order.
    var groups: [UInt16] {
        [high, low].flatMap { half in
            stride(from: 48, through: 0, by: -16).map { UInt16(truncatingIfNeeded: half >> UInt64($0)) }
        }
    }
}

extension IPv6Address: LosslessStringConvertible {
    /// The forms of RFC 4291, 2.2: `fd00::1`, `::`, `::ffff:192.0.2.1`; no zone.
    public init?(_ description: String) {
        guard let groups = Self.groups(of: description) else { return nil }
        let halves = [groups[0..<4], groups[4..<8]].map { $0.reduce(UInt64(0)) { $0 << 16 | UInt64($1) } }
        self.init(high: halves[0], low: halves[1])
    }

    /// RFC 5952: lower case, the longest run of two or more zero groups as `::`, and an IPv4-mapped address with its
    /// last 32 bits dotted.
    public var description: String {
        if high == 0, low >> 32 == 0xffff { return "::ffff:\(IPv4Address(bits: UInt32(truncatingIfNeeded: low)))" }
        let groups = self.groups
        let texts = groups.map { String($0, radix: 16) }
        guard let run = Self.longestZeroRun(in: groups) else { return texts.joined(separator: ":") }
        return texts[..<run.lowerBound].joined(separator: ":") + "::" + texts[run.upperBound...].joined(separator: ":")
    }

    private static func longestZeroRun(in groups: [UInt16]) -> Range<Int>? {
        var best = 0..<1
        var start = 0
        for index in groups.indices {
            if groups[index] != 0 {
                start = index + 1
            } else if index + 1 - start > best.count {
                best = start..<(index + 1)
            }
        }
        return best.count > 1 ? best : nil
    }

    private static func groups(of text: String) -> [UInt16]? {
        let text = Substring(text)
        guard let gap = firstGap(in: text) else {
            let groups = groups(ofPlain: text)
            return groups?.count == 8 ? groups : nil
        }
        guard let head = groups(ofPlain: text[..<gap.lowerBound], mayEndDotted: false),
            let tail = groups(ofPlain: text[gap.upperBound...]),
            head.count + tail.count < 8
        else { return nil }
        return head + Array(repeating: 0, count: 8 - head.count - tail.count) + tail
    }

    /// Where `::` stands.
    private static func firstGap(in text: Substring) -> Range<Substring.Index>? {
        for index in text.indices.dropLast() where text[index] == ":" {
            let next = text.index(after: index)
            if text[next] == ":" { return index..<text.index(after: next) }
        }
        return nil
    }

    /// Groups without `::`; the last of an address may be a dotted IPv4 address.
    private static func groups(ofPlain text: Substring, mayEndDotted: Bool = true) -> [UInt16]? {
        if text.isEmpty { return [] }
        var groups: [UInt16] = []
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        for (index, part) in parts.enumerated() {
            if mayEndDotted, index == parts.count - 1, part.contains("."), let address = IPv4Address(String(part)) {
                groups += [UInt16(truncatingIfNeeded: address.bits >> 16), UInt16(truncatingIfNeeded: address.bits)]
            } else if (1...4).contains(part.utf8.count), part.allSatisfy(\.isHexDigit),
                let group = UInt16(part, radix: 16)
            {
                groups.append(group)
            } else {
                return nil
            }
        }
        return groups
    }
}
