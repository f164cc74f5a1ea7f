/// The switch's name for a port. Never used again within one network.
package struct PortID: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    @inlinable
    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

extension PortID: CustomStringConvertible {
    package var description: String { "\(rawValue)" }
}
