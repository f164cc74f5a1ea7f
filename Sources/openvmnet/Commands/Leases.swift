import ArgumentParser
import OpenVmnet
import VmnetSystem
import VmnetWire

/// `openvmnet leases`: who has which address.
struct Leases: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List the leases of a network, running or not.",
        discussion: """
            A lease that has ended is remembered for its client's return; --all shows those too.

            The exit status is 0, 1 when the leases cannot be read, and 2 for wrong usage.

            Files:

              $XDG_STATE_HOME/openvmnet/NAME/leases           in dnsmasq's format
              $XDG_STATE_HOME/openvmnet/NAME/leases.journal   what has changed since
            """)

    @OptionGroup(title: "State options") var state: StateDirectoryOption

    @Flag(help: "Also list leases that have ended.")
    var all = false

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let name = try NetworkConfiguration(name: state.name).name
        let now = WallClock.secondsSinceEpoch
        let leases = try LeaseRecord.all(inStateDirectory: state.path(of: name))
            .filter { all || $0.isRunning(at: now) }
        try StandardStream.output.write(
            json ? try JSON.line(leases.map { LeaseLine($0, now: now) }) + "\n" : Self.table(leases, now: now))
    }

    private static func table(_ leases: [LeaseRecord], now: Int64) -> String {
        TextTable(
            header: ["ADDRESS", "MAC", "NAME", "ENDS IN"],
            rows: leases.map { lease in
                [
                    "\(lease.address)", "\(lease.macAddress)", lease.hostName ?? "-",
                    lease.expiry.map { RemainingTime(seconds: $0 - now).description } ?? "never",
                ]
            }
        ).text
    }
}

/// A lease as JSON.
private struct LeaseLine: Encodable {
    let address: String
    let mac: String
    let name: String?
    let clientIdentifier: String?
    /// Seconds since 1970; null: never.
    let expiry: Int64?
    let isRunning: Bool

    private enum CodingKeys: String, CodingKey {
        case address, mac, name, expiry
        case clientIdentifier = "client_identifier"
        case isRunning = "running"
    }

    init(_ lease: LeaseRecord, now: Int64) {
        address = "\(lease.address)"
        mac = "\(lease.macAddress)"
        name = lease.hostName
        clientIdentifier = lease.clientIdentifier
        expiry = lease.expiry
        isRunning = lease.isRunning(at: now)
    }
}
