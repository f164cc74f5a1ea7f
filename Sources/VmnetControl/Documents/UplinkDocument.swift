import OpenVmnet

/// The interface of a bridged network.
package struct UplinkDocument: Codable, Equatable, Sendable {
    /// `eth0`.
    package var interface: String
    /// `up`, `down` or `gone`.
    package var state: String
    /// The interface's own address.
    package var mac: String
    /// In bytes.
    package var mtu: Int
    /// "Received" came from the physical network, "sent" went there.
    package var traffic: TrafficDocument
    package var queue: PortDocument.Queue
}

extension UplinkDocument {
    init(_ uplink: UplinkStatus) {
        self.init(
            interface: uplink.interfaceName, state: uplink.state.rawValue, mac: "\(uplink.macAddress)", mtu: uplink.mtu,
            traffic: TrafficDocument(uplink.traffic),
            queue: PortDocument.Queue(frames: uplink.queuedFrames, bytes: uplink.queuedBytes))
    }
}
