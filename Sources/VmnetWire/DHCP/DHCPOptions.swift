/// The options of a DHCP message as bytes: this type knows their framing only (RFC 2132, section 2; RFC 3396).
///
/// ```
///  0        1        2               2 + n
/// +--------+--------+---- ... -------+
/// | code   | n      | n bytes        |        0 (pad) and 255 (end) are one byte each
/// +--------+--------+---- ... -------+
/// ```
///
/// An option that occurs several times is one option whose bytes follow each other (RFC 3396, section 7); that is also
/// how one of more than 255 bytes travels. `DHCPOption` gives the bytes a type.
package struct DHCPOptions: Equatable, Sendable {
    private var values: [DHCPOptionCode: [UInt8]] = [:]

    package init() {}

    /// The bytes of an option; nil when it is absent. Pad, end and overload are framing, not options: they are never
    /// present and setting them changes nothing.
    package subscript(raw code: DHCPOptionCode) -> [UInt8]? {
        get { values[code] }
        set {
            guard code != .pad, code != .end, code != .overload else { return }
            values[code] = newValue
        }
    }

    package var isEmpty: Bool { values.isEmpty }

    /// The codes present, in ascending order.
    package var codes: [DHCPOptionCode] { values.keys.sorted() }

    /// Adds the options of `other`, which win over those that are there.
    package mutating func merge(_ other: DHCPOptions) {
        values.merge(other.values) { _, new in new }
    }

    /// How many bytes an option of `count` bytes takes in a message.
    static func framedByteCount(of count: Int) -> Int {
        count + 2 * max(1, (count + 254) / 255)
    }

    /// Adds the options of one field, up to its end option or its last byte.
    ///
    /// - Returns: which other fields hold options, as the overload option says (RFC 2132, 9.3).
    /// - Throws: `.truncated` when an option is longer than what is left of the field.
    mutating func read(field: Span<UInt8>) throws(WireError) -> Overload {
        var overload: Overload = []
        var offset = 0
        while offset < field.count {
            let code = DHCPOptionCode(rawValue: field[offset])
            offset += 1
            if code == .pad { continue }
            if code == .end { break }
            guard offset < field.count else { throw .truncated }
            let count = Int(field[offset])
            offset += 1
            guard count <= field.count - offset else { throw .truncated }
            if code == .overload {
                if count == 1 { overload = Overload(rawValue: field[offset] & 3) }
            } else {
                values[code, default: []].append(field.extracting(offset..<offset + count))
            }
            offset += count
        }
        return overload
    }

    /// The value of option 52: the header fields that hold options too.
    struct Overload: OptionSet, Sendable {
        let rawValue: UInt8
        static let bootFile = Overload(rawValue: 1)
        static let serverName = Overload(rawValue: 2)
    }
}

extension Array where Element == UInt8 {
    fileprivate mutating func append(_ bytes: Span<UInt8>) {
        for index in bytes.indices { append(bytes[index]) }
    }
}
