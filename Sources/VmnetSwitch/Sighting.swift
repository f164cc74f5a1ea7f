package import VmnetWire

/// What the forwarding table knows of one station.
package struct Sighting: Equatable, Sendable {
    package let address: MACAddress
    /// Where it was seen last.
    package let port: PortID
    /// How long ago that was, in whole seconds.
    package let age: UInt32

    package init(address: MACAddress, port: PortID, age: UInt32) {
        self.address = address
        self.port = port
        self.age = age
    }
}
