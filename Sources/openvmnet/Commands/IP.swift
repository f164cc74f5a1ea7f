import ArgumentParser
import Glibc
import OpenVmnet
import VmnetControl
import VmnetSystem
import VmnetWire

/// `openvmnet ip`: which address a guest has.
struct IP: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the address of a guest, by its host name or MAC address.",
        discussion: """
            Nothing else is printed, so that a script can use it: ssh "$(openvmnet ip debian --wait 60)". Names are those \
            that guests give to the DHCP server; upper and lower case are the same.
            """)

    @Argument(help: ArgumentHelp("The guest's host name, or its MAC address.", valueName: "name|mac"))
    var guest: String

    @OptionGroup(title: "State options") var source: LeaseSourceOption

    @Option(
        help: ArgumentHelp("Wait so long for the guest to get an address, and for its network.", valueName: "seconds"))
    var wait: Double?

    @Flag(help: "Print the lease as JSON.")
    var json = false

    /// Between two looks. A guest that boots asks for seconds.
    private static let interval: UInt32 = 100_000

    func validate() throws {
        guard wait.map({ (0...1e9).contains($0) }) ?? true else {
            throw ValidationError("'--wait' takes a number of seconds, 0 or more")
        }
    }

    mutating func run() throws {
        let deadline = ContinuousClock.now + .seconds(wait ?? 0)
        while true {
            let isLast = ContinuousClock.now >= deadline
            if let lease = try look(isLast: isLast) {
                let text = json ? try JSON.line(LeaseLine(lease: lease)) : lease.address
                return try StandardStream.output.write(text + "\n")
            }
            usleep(Self.interval)
        }
    }

    /// The guest's lease; nil when it is worth to look again.
    private func look(isLast: Bool) throws -> LeaseDocument? {
        do {
            if let lease = try Self.lease(of: guest, in: try source.leases()) { return lease }
        } catch let error as VmnetError where error.code == .notRunning && !isLast {
            return nil
        }
        guard isLast else { return nil }
        throw VmnetError(
            .system, "no guest '\(guest)' has an address",
            hint: "openvmnet leases lists those that have; with --wait SECONDS it may come yet")
    }

    /// The running lease of the guest that goes by that name, or has that MAC address; the one that ends last if it has
    /// several.
    static func lease(of guest: String, in leases: [LeaseDocument]) throws(VmnetError) -> LeaseDocument? {
        let mac = MACAddress(guest).map { "\($0)" }
        let found = leases.filter { $0.running && ($0.mac == mac || $0.name?.lowercased() == guest.lowercased()) }
        guard Set(found.map(\.mac)).count <= 1 else {
            throw VmnetError(
                .system, "several guests are called '\(guest)'",
                hint: "ask by MAC address: \(Set(found.map(\.mac)).sorted().joined(separator: ", "))")
        }
        return found.max { ($0.expiry ?? .max) < ($1.expiry ?? .max) }
    }
}

/// The answer as JSON: a lease with the version that documents have.
private struct LeaseLine: Encodable {
    let lease: LeaseDocument

    private enum CodingKeys: String, CodingKey {
        case version
    }

    func encode(to encoder: any Encoder) throws {
        try lease.encode(to: encoder)
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(ControlJSON.version, forKey: .version)
    }
}
