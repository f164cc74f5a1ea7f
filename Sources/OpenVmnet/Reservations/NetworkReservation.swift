import VmnetSystem
import VmnetWire

/// What a running network keeps other networks of this user from having: its name and its subnet.
///
/// Each is a lock on a file in the runtime directory, so it ends with the process however that ends, and two networks
/// that start at the same moment choose differently.
final class NetworkReservation: Sendable {
    /// Where a named network leaves what its successor needs; whoever has the name has the file.
    let handoverPath: String?
    private let name: FileLock?
    private let subnet: SubnetLock

    var addresses: AddressRange { subnet.addresses }

    /// - Parameter isNamed: whether the network can be found by its name; a private one needs no name of its own.
    /// - Throws: `.busy` when the name is taken or no subnet is free.
    init(_ configuration: NetworkConfiguration, isNamed: Bool) throws(VmnetError) {
        do {
            let directory = Directory.runtime(Environment.value)
            try Directory.createPrivate(directory)
            handoverPath = isNamed ? "\(directory)/handover-\(configuration.name)" : nil
            name = isNamed ? try Self.lock(name: configuration.name, in: directory) : nil
            subnet = try SubnetLock.acquire(for: configuration, in: directory)
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
}
