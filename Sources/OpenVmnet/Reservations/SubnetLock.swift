import VmnetSystem
import VmnetWire

/// The addresses of a network, kept from this user's other networks for as long as this value lives.
struct SubnetLock: ~Copyable, Sendable {
    let addresses: AddressRange
    /// Of every subnet that could be chosen by itself and overlaps this one. Those that another network of this user has
    /// already, because both were told to, are not among them.
    private let locks: [HeldLock]

    /// Addresses that were asked for are taken as they are; others are the first subnet that nobody else has.
    static func acquire(for configuration: NetworkConfiguration, in directory: String) throws -> SubnetLock {
        if let addresses = configuration.addresses {
            let locks = try FreeSubnets(for: .shared, avoiding: [])
                .filter { $0.overlaps(addresses.subnet) }
                .compactMap { try HeldLock(path(of: $0, in: directory)) }
            return SubnetLock(addresses: addresses, locks: locks)
        }
        let used = try FreeSubnets.usedByHost()
        for candidate in FreeSubnets(for: configuration.mode, avoiding: used) {
            guard let addresses = AddressRange(filling: candidate),
                let lock = try HeldLock(path(of: candidate, in: directory))
            else { continue }
            return SubnetLock(addresses: addresses, locks: [lock])
        }
        throw VmnetError(
            .busy, "every /24 network under 192.168 is in use",
            hint: "give --start-address, --end-address and --subnet-mask")
    }

    private static func path(of subnet: IPv4Subnet, in directory: String) -> String {
        "\(directory)/subnet-\(subnet.network)-\(subnet.prefixLength).lock"
    }
}

/// A lock as an object, for a list of them.
private final class HeldLock: Sendable {
    private let lock: FileLock

    /// nil when somebody else has it.
    init?(_ path: String) throws(SystemError) {
        guard let lock = try FileLock.acquire(path) else { return nil }
        self.lock = lock
    }
}
