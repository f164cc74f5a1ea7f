import VmnetSystem
import VmnetWire

/// What a running network keeps other networks of this user from having: its name, its identifier and its subnet.
///
/// Each is a lock on a file in the runtime directory, so it ends with the process however that ends, and two networks
/// that start at the same moment choose differently.
final class NetworkReservation: Sendable {
    /// The gateway and what the DHCP server gives out; nil in a private network.
    let addresses: AddressRange?
    private let identifier: FileLock?
    /// Where a named network leaves what its successor needs; whoever has the name has the file.
    let handoverPath: String?
    private let name: FileLock?
    private let subnet: SubnetLock?

    /// - Parameters:
    ///   - isNamed: whether the network can be found by its name; another needs no name of its own.
    ///   - hostSubnets: what this host uses now; asked for when it matters.
    /// - Throws: `.busy` when the name, identifier or subnet is taken, or no subnet is free.
    init(
        _ configuration: NetworkConfiguration, isNamed: Bool,
        hostSubnets: () throws -> [HostSubnet] = HostSubnet.all
    ) throws(VmnetError) {
        do {
            let directory = Directory.runtime(Environment.value)
            try Directory.createPrivate(directory)
            identifier = try configuration.identifier.map { try Self.lock(identifier: $0, in: directory) }
            handoverPath = isNamed ? "\(directory)/handover-\(configuration.name)" : nil
            name = isNamed ? try Self.lock(name: configuration.name, in: directory) : nil
            subnet = try Self.subnet(for: configuration, in: directory, avoiding: hostSubnets)
            let isPrivate = configuration.identifier != nil
            let chosen = isPrivate ? nil : subnet.flatMap { AddressRange(filling: $0.subnet) }
            addresses = configuration.addresses ?? chosen
        } catch {
            throw VmnetError(error)
        }
    }

    private static func lock(name: String, in directory: String) throws -> FileLock {
        guard let lock = try FileLock.acquire("\(directory)/name-\(name).lock") else {
            throw VmnetError(
                .busy, "a network named '\(name)' is running already", hint: "stop it, or choose another --name")
        }
        return lock
    }

    private static func lock(identifier: NetworkIdentifier, in directory: String) throws -> FileLock {
        guard let lock = try FileLock.acquire("\(directory)/uuid-\(identifier).lock") else {
            throw VmnetError(
                .busy, "a network with the 'net-uuid' \(identifier) is running already",
                hint: "attach guests to that one, stop it, or choose another UUID")
        }
        return lock
    }

    /// The subnet that was asked for, or the first that nobody uses; nil in a private network without the host, and in a
    /// bridged one, whose addresses are others' to give.
    private static func subnet(
        for configuration: NetworkConfiguration, in directory: String, avoiding hostSubnets: () throws -> [HostSubnet]
    ) throws -> SubnetLock? {
        if let requested = configuration.addresses?.subnet ?? configuration.host?.subnet {
            if !configuration.allowsUsedSubnet { try checkUnused(requested, by: hostSubnets()) }
            if configuration.requiresOwnSubnet { return try ownSubnet(requested, in: directory) }
            // Networks do not meet but through the host: several that were told to may have one subnet.
            return try SubnetLock.acquireAnyway(requested, in: directory)
        }
        guard configuration.identifier == nil, configuration.mode != .bridged else { return nil }
        return try freeSubnet(for: configuration.mode, in: directory, avoiding: hostSubnets())
    }

    private static func ownSubnet(_ subnet: IPv4Subnet, in directory: String) throws -> SubnetLock {
        guard let lock = try SubnetLock.acquire(subnet, in: directory) else {
            throw VmnetError(
                .busy, "another network of yours has addresses of the subnet \(subnet)",
                hint: "choose other addresses, or join that network")
        }
        return lock
    }

    private static func checkUnused(_ subnet: IPv4Subnet, by host: [HostSubnet]) throws {
        guard let use = host.first(where: { $0.subnet.overlaps(subnet) }) else { return }
        throw VmnetError(
            .busy,
            "the subnet \(subnet) is in use on this host: \(use.subnet) is at \(use.interface ?? "a route to nowhere")",
            hint: "choose other addresses, or add --force: guests will not reach what the host has there")
    }

    private static func freeSubnet(
        for mode: OperationMode, in directory: String, avoiding host: [HostSubnet]
    ) throws -> SubnetLock {
        for candidate in FreeSubnets(for: mode, avoiding: host.map(\.subnet)) {
            if let lock = try SubnetLock.acquire(candidate, in: directory) { return lock }
        }
        throw VmnetError(
            .busy, "every /24 network under 192.168 is in use",
            hint: "give --start-address, --end-address and --subnet-mask")
    }
}
