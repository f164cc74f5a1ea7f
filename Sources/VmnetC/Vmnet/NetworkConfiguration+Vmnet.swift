import OpenVmnet
import VmnetWire

extension NetworkConfiguration {
    /// With what vmnet gives a network that does not ask for it: a prefix of its own in shared mode, and addresses that are no
    /// other network's of this user.
    func completed() -> NetworkConfiguration {
        var configuration = self
        configuration.requiresOwnSubnet = true
        if mode == .shared, nat66Prefix == nil { configuration.nat66Prefix = .randomUniqueLocal() }
        return configuration
    }
}

extension IPv6Address {
    /// A /64 within fd00::/8, 40 bits of it at random (RFC 4193, 3.2.1).
    static func randomUniqueLocal() -> IPv6Address {
        IPv6Address(high: 0xfd << 56 | UInt64.random(in: 0..<1 << 40) << 16, low: 0)
    }
}
