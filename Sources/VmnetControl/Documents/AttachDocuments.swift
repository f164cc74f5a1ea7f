/// What comes with a descriptor to the attach socket: one record.
package struct AttachRequest: Codable, Equatable, Sendable {
    package var version: Int
    /// What the log and the status call the guest; `attach` when it is missing.
    package var label: String?
    /// Whether the guest exchanges frames with the gateway only.
    package var isolated: Bool?
    /// Whether the guest leaves when this connection ends; else it stays until its own does.
    package var whileConnected: Bool?

    package init(label: String? = nil, isolated: Bool? = nil, whileConnected: Bool? = nil) {
        version = ControlJSON.version
        self.label = label
        self.isolated = isolated
        self.whileConnected = whileConnected
    }
}

/// What the attach socket answers: one record, or an `ErrorDocument` in its place.
package struct AttachAnswer: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    /// The guest's port.
    package var port: String
    /// The network's name.
    package var network: String
    package var mode: String
    /// As in the status.
    package var startAddress: String?
    package var endAddress: String?
    package var subnetMask: String?
    /// In bytes.
    package var mtu: Int
}
