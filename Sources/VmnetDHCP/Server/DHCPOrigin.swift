package import VmnetWire

/// The server's name for a port of the switch. The caller chooses it and uses it for one port at a time.
package struct DHCPAttachment: RawRepresentable, Hashable, Sendable {
    package let rawValue: UInt32

    package init(rawValue: UInt32) {
        self.rawValue = rawValue
    }
}

/// Where a message came from.
package struct DHCPOrigin: Equatable, Sendable {
    /// The port that the frame entered by.
    package let attachment: DHCPAttachment
    /// The frame's Ethernet source: the client, or the relay.
    package let source: MACAddress

    package init(attachment: DHCPAttachment, source: MACAddress) {
        self.attachment = attachment
        self.source = source
    }
}
