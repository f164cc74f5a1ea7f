import VmnetDHCP
import VmnetSystem
public import VmnetWire

/// One line of a network's leases, for people and programs that ask who has which address.
public struct LeaseRecord: Equatable, Sendable {
    /// The guest's address.
    public let address: IPv4Address
    /// The guest's hardware address.
    public let macAddress: MACAddress
    /// As the guest calls itself; nil when it does not say.
    public let hostName: String?
    /// Option 61, in hexadecimal with colons; nil when the guest sends none.
    public let clientIdentifier: String?
    /// Seconds since 1970 at which the lease ends unless it is renewed; nil: never.
    public let expiry: Int64?

    /// Whether the lease runs at `time`, in seconds since 1970. One that does not is remembered for its client's return.
    public func isRunning(at time: Int64) -> Bool { expiry.map { $0 > time } ?? true }

    /// The leases kept in a state directory, by address, whether a network uses it now or not.
    ///
    /// - Throws: `.system` when the directory's files cannot be read.
    public static func all(inStateDirectory path: String) throws(VmnetError) -> [LeaseRecord] {
        do {
            return try LeaseDirectory.read(path).leases.map(LeaseRecord.init)
        } catch {
            throw VmnetError(error)
        }
    }

    init(_ lease: Lease) {
        address = lease.address
        macAddress = lease.hardwareAddress
        hostName = lease.hostName?.text
        clientIdentifier = lease.identifier?.description
        expiry = lease.expiry == .never ? nil : lease.expiry.secondsSince1970
    }
}
