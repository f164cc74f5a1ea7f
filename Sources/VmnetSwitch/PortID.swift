/// The switch's name for a port: its place among the ports, and how many had the place before.
///
/// The place makes it an index into whatever is kept for each port. A name returns only after 65,536 ports have had the
/// place, when nobody can remember the first of them.
@usableFromInline
package struct PortID: RawRepresentable, Hashable, Sendable {
    /// The place in the low half, the predecessors in the high half.
    @usableFromInline package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }

    /// Below `placeCount`.
    @inlinable package var place: Int { Int(rawValue & 0xffff) }

    /// The way to the physical network, in place 0, where no guest is.
    @inlinable package static var uplink: PortID { PortID(rawValue: 0) }

    /// How many ports a network can have.
    package static let placeCount = 1 << 16

    /// The name of the next port in the same place.
    package var successor: PortID { PortID(rawValue: rawValue &+ 1 << 16) }

    /// Written out because a derived one is not inlined.
    @inlinable
    package static func == (left: PortID, right: PortID) -> Bool { left.rawValue == right.rawValue }
}

extension PortID: LosslessStringConvertible {
    /// Parses what `description` writes, and nothing else.
    @usableFromInline
    package init?(_ description: String) {
        let parts = description.split(separator: ".", maxSplits: 1, omittingEmptySubsequences: false)
        guard let place = UInt16(parts[0]), let predecessors = parts.count == 2 ? UInt16(parts[1]) : 0 else {
            return nil
        }
        self.init(rawValue: UInt32(predecessors) << 16 | UInt32(place))
        guard self.description == description else { return nil }
    }

    /// The place, and the predecessors if there were any: `3`, `3.1`.
    @usableFromInline
    package var description: String {
        let predecessors = rawValue >> 16
        return predecessors == 0 ? "\(place)" : "\(place).\(predecessors)"
    }
}
