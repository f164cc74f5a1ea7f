import VmnetDHCP
import VmnetWire

/// The lease as the guest got it, in the words of whoever reads it: printed by `demo`, and its JSON.
struct GuestLease: Codable, Equatable, Sendable {
    var macAddress: String
    var address: String
    var subnetMask: String
    var gateway: String?
    var dnsServers: [String]
    /// In bytes; nil when the server did not say.
    var mtu: Int?
    /// In seconds.
    var leaseTime: UInt32
    /// From the first DISCOVER to the ACK.
    var milliseconds: Double
}

extension GuestLease {
    /// - Parameter time: from the first DISCOVER to the ACK.
    init(_ lease: DHCPClientLease, _ settings: GuestSettings, macAddress: MACAddress, time: Duration) {
        self.init(
            macAddress: "\(macAddress)", address: "\(lease.address)", subnetMask: "\(settings.mask)",
            gateway: settings.gateway.map { "\($0)" }, dnsServers: lease.domainNameServers.map { "\($0)" },
            mtu: settings.mtu, leaseTime: lease.duration.seconds, milliseconds: time.inMilliseconds)
    }
}
