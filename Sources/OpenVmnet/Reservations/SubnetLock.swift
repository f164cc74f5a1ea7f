import VmnetSystem
import VmnetWire

/// A subnet, kept from this user's other networks for as long as this object lives.
///
/// It is a lock on a file that has the subnet in its name. Whoever wants a subnet takes its own lock first and looks for
/// locks on subnets that overlap it then, so that of two networks which start at the same moment no two get one.
final class SubnetLock: Sendable {
    let subnet: IPv4Subnet
    private let lock: FileLock

    private init(_ subnet: IPv4Subnet, _ lock: consuming FileLock) {
        self.subnet = subnet
        self.lock = lock
    }

    /// The lock on a subnet that nobody else has, nor one that overlaps it; nil when somebody has.
    static func acquire(_ subnet: IPv4Subnet, in directory: String) throws(SystemError) -> SubnetLock? {
        let name = SubnetLockName(subnet)
        guard let lock = try FileLock.acquire("\(directory)/\(name)") else { return nil }
        guard try holder(overlapping: subnet, except: name, in: directory) == nil else { return nil }
        return SubnetLock(subnet, lock)
    }

    /// A lock on a subnet that others may have already, all the same.
    static func acquireAnyway(_ subnet: IPv4Subnet, in directory: String) throws(SystemError) -> SubnetLock {
        var name = SubnetLockName(subnet)
        while true {
            if let lock = try FileLock.acquire("\(directory)/\(name)") {
                return SubnetLock(subnet, lock)
            }
            name.number += 1
        }
    }

    /// A subnet that somebody has and that overlaps this one.
    static func holder(
        overlapping subnet: IPv4Subnet, except own: SubnetLockName? = nil, in directory: String
    ) throws(SystemError) -> IPv4Subnet? {
        for file in try Directory.names(in: directory) {
            guard let name = SubnetLockName(file), name != own, name.subnet.overlaps(subnet) else { continue }
            if try FileLock.isHeld("\(directory)/\(file)") { return name.subnet }
        }
        return nil
    }
}

/// The name of a lock's file: `subnet-192.168.64.0-24.lock`, with a number before `.lock` when others have the subnet too.
struct SubnetLockName: Equatable, LosslessStringConvertible {
    let subnet: IPv4Subnet
    var number = 0

    init(_ subnet: IPv4Subnet) {
        self.subnet = subnet
    }

    init?(_ description: String) {
        guard description.hasPrefix("subnet-"), description.hasSuffix(".lock") else { return nil }
        let parts = description.dropFirst("subnet-".count).dropLast(".lock".count).split(separator: "-")
        guard (2...3).contains(parts.count), let address = IPv4Address(String(parts[0])), let length = Int(parts[1]),
            let subnet = IPv4Subnet(containing: address, prefixLength: length),
            let number = Int(parts.dropFirst(2).first ?? "0")
        else { return nil }
        self.subnet = subnet
        self.number = number
    }

    var description: String {
        "subnet-\(subnet.network)-\(subnet.prefixLength)" + (number > 0 ? "-\(number)" : "") + ".lock"
    }
}
