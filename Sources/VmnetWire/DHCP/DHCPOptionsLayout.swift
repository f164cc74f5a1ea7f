/// Which option goes into which field of a message of limited size.
///
/// All options go into the options field when they fit there. Otherwise the `file` and `sname` fields of the header,
/// when they are free, take some (option overload, RFC 2132, 9.3); an option that fits no field whole is split between
/// them (RFC 3396, section 5). Only then are options left out, those of least priority first. Option 82 is the last of
/// the options field (RFC 3046, 2.1).
package struct DHCPOptionsLayout: Equatable, Sendable {
    /// The contents of each field, end option included; nil when the field is not used for options.
    private(set) var optionsField: [UInt8] = []
    private(set) var bootFile: [UInt8]?
    private(set) var serverName: [UInt8]?
    /// Options that had no room, in order of priority.
    package private(set) var omitted: [DHCPOptionCode] = []

    /// Lays out `options`.
    ///
    /// - Parameters:
    ///   - priority: what must stay longest, first; options that are not in it follow in ascending order. The message
    ///     type is always the first of all.
    ///   - capacity: bytes of the options field, after the magic cookie.
    ///   - spareFields: header fields that hold nothing else.
    init(
        _ options: DHCPOptions, priority: [DHCPOptionCode], capacity: Int, spareFields: DHCPOptions.Overload
    ) {
        let order = Self.order(of: options, priority: priority)
        let relay = options[raw: .relayAgentInformation]
        let total = options.codes.reduce(1) { sum, code in
            sum + DHCPOptions.framedByteCount(of: options[raw: code]?.count ?? 0)
        }
        var plan = Plan(capacity: capacity, relay: relay, overloading: total > capacity ? spareFields : [])
        for code in order where !plan.place(code, options[raw: code] ?? []) {
            omitted.append(code)
        }
        if relay != nil && !plan.holdsRelay { omitted.append(.relayAgentInformation) }
        (optionsField, bootFile, serverName) = plan.finished()
    }

    /// Every code present but option 82, once each.
    private static func order(of options: DHCPOptions, priority: [DHCPOptionCode]) -> [DHCPOptionCode] {
        var seen: Set<DHCPOptionCode> = [.relayAgentInformation]
        return ([.messageType] + priority + options.codes).filter {
            options[raw: $0] != nil && seen.insert($0).inserted
        }
    }
}

/// The fields while they are being filled.
private struct Plan {
    /// In the order in which the receiver joins them (RFC 3396, section 7): options, file, sname.
    private var fields: [Field]
    private var relay: [UInt8] = []

    init(capacity: Int, relay: [UInt8]?, overloading spareFields: DHCPOptions.Overload) {
        // The end option, and the overload option where there may be one.
        var room = capacity - 1 - (spareFields.isEmpty ? 0 : 3)
        if let relay, DHCPOptions.framedByteCount(of: relay.count) <= room {
            self.relay = Self.framed(.relayAgentInformation, relay[...])
            room -= self.relay.count
        }
        fields = [Field(room: max(room, 0))]
        if spareFields.contains(.bootFile) { fields.append(Field(room: 127, overload: .bootFile)) }
        if spareFields.contains(.serverName) { fields.append(Field(room: 63, overload: .serverName)) }
    }

    var holdsRelay: Bool { !relay.isEmpty }

    /// Whether the option had room.
    mutating func place(_ code: DHCPOptionCode, _ value: [UInt8]) -> Bool {
        let byteCount = DHCPOptions.framedByteCount(of: value.count)
        if let index = fields.firstIndex(where: { $0.room >= byteCount }) {
            fields[index].append(Self.framed(code, value[...]))
            return true
        }
        let capacities = fields.map { Self.valueCapacity(room: $0.room) }
        guard capacities.reduce(0, +) >= value.count else { return false }
        var rest = value[...]
        for index in fields.indices where capacities[index] > 0 && !rest.isEmpty {
            fields[index].append(Self.framed(code, rest.prefix(capacities[index])))
            rest = rest.dropFirst(capacities[index])
        }
        return true
    }

    func finished() -> (options: [UInt8], bootFile: [UInt8]?, serverName: [UInt8]?) {
        let used = fields.dropFirst().filter { !$0.bytes.isEmpty }
        let overload = used.reduce(into: DHCPOptions.Overload()) { $0.formUnion($1.overload) }
        var options = fields[0].bytes
        if !overload.isEmpty { options += [DHCPOptionCode.overload.rawValue, 1, overload.rawValue] }
        func ended(_ field: DHCPOptions.Overload) -> [UInt8]? {
            used.first { $0.overload == field }.map { $0.bytes + [DHCPOptionCode.end.rawValue] }
        }
        return (options + relay + [DHCPOptionCode.end.rawValue], ended(.bootFile), ended(.serverName))
    }

    /// Code, length and bytes, repeated every 255 bytes.
    private static func framed(_ code: DHCPOptionCode, _ value: ArraySlice<UInt8>) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(DHCPOptions.framedByteCount(of: value.count))
        var rest = value
        repeat {
            let piece = rest.prefix(255)
            bytes += [code.rawValue, UInt8(piece.count)]
            bytes += piece
            rest = rest.dropFirst(255)
        } while !rest.isEmpty
        return bytes
    }

    /// The most bytes of a value that fit in `room` bytes of a field.
    private static func valueCapacity(room: Int) -> Int {
        room / 257 * 255 + max(0, room % 257 - 2)
    }

    private struct Field {
        var bytes: [UInt8] = []
        var room: Int
        var overload: DHCPOptions.Overload = []

        mutating func append(_ framed: [UInt8]) {
            bytes += framed
            room -= framed.count
        }
    }
}
