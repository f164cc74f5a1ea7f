import OpenVmnet

/// One guest's port.
package struct PortDocument: Codable, Equatable, Sendable {
    /// As the log calls it, and `DELETE /v1/ports/ID`.
    package var id: String
    /// Of the interface: the same for the same MAC address; missing while the guest was silent.
    package var uuid: String?
    /// Where the guest came from.
    package var transport: String
    package var isolated: Bool
    /// Those with a lease first.
    package var macs: [String]
    /// Leased, or used as ARP says.
    package var addresses: [String]
    /// As the guest calls itself.
    package var name: String?
    package var traffic: TrafficDocument
    package var queue: Queue
    package var nat: NAT

    /// Frames that wait for the guest.
    package struct Queue: Codable, Equatable, Sendable {
        package var frames: Int
        package var bytes: Int
    }

    /// The guest's flows to beyond the network.
    package struct NAT: Codable, Equatable, Sendable {
        package var flows: Int
        package var openedFlows: UInt64
        package var refusals: UInt64
        /// Frames for the guest that found its queue full.
        package var refusedByPort: UInt64
    }
}

extension PortDocument {
    init(_ port: PortStatus) {
        self.init(
            id: "\(port.id)", uuid: port.interfaceID.map { "\($0)" }, transport: port.origin, isolated: port.isIsolated,
            macs: port.macAddresses.map { "\($0)" }, addresses: port.addresses.map { "\($0)" }, name: port.hostName,
            traffic: TrafficDocument(port.traffic), queue: Queue(frames: port.queuedFrames, bytes: port.queuedBytes),
            nat: NAT(
                flows: port.nat.flows, openedFlows: port.nat.openedFlows, refusals: port.nat.refusals,
                refusedByPort: port.nat.refusedByPort))
    }
}

/// `GET /v1/ports`.
package struct PortsDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    package var ports: [PortDocument]
}
