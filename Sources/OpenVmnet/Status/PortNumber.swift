import VmnetSwitch

/// What a network calls a guest's port, in its log and in its status: `3`, or `3.1` when another guest had the place
/// before.
public struct PortNumber: Hashable, Sendable, LosslessStringConvertible {
    let id: PortID

    init(_ id: PortID) {
        self.id = id
    }

    /// Parses what `description` writes; nil for anything else.
    public init?(_ description: String) {
        guard let id = PortID(description) else { return nil }
        self.init(id)
    }

    /// `3` or `3.1`.
    public var description: String { id.description }
}
