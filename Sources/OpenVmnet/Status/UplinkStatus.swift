import VmnetPorts
import VmnetSystem
public import VmnetWire

/// The interface of a bridged network, as it was at one moment.
public struct UplinkStatus: Equatable, Sendable {
    /// `eth0`.
    public let interfaceName: String
    /// Whether frames pass.
    public let state: UplinkState
    /// The interface's own address, which no guest may use; the last one while it is gone.
    public let macAddress: MACAddress
    /// The largest IP packet that it takes, in bytes; the last one while it is gone.
    public let mtu: Int
    /// What has passed it. "Received" came from the physical network, "sent" went there.
    public let traffic: TrafficCounters
    /// Frames that wait until the interface takes them.
    public let queuedFrames: Int
    /// The memory that these take, in bytes.
    public let queuedBytes: Int

    init(_ uplink: Uplink) {
        let queue = uplink.link?.transport.queueDepth
        interfaceName = uplink.interfaceName
        state = uplink.state
        macAddress = uplink.address
        mtu = uplink.interface.mtu
        traffic = TrafficCounters(uplink.counters)
        queuedFrames = queue?.frames ?? 0
        queuedBytes = queue?.byteCount ?? 0
    }
}
