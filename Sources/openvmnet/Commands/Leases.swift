import ArgumentParser
import VmnetControl
import VmnetSystem

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

    @OptionGroup(title: "State options") var source: LeaseSourceOption

    @Flag(help: "Also list leases that have ended.")
    var all = false

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let leases = try source.leases().filter { all || $0.running }
        try StandardStream.output.write(
            json ? try JSON.line(LeasesDocument(leases: leases)) + "\n" : Self.table(leases))
    }

    private static func table(_ leases: [LeaseDocument]) -> String {
        let now = WallClock.secondsSinceEpoch
        return TextTable(
            header: ["ADDRESS", "MAC", "NAME", "ENDS IN"],
            rows: leases.map { lease in
                [
                    lease.address, lease.mac, lease.name ?? "-",
                    lease.expiry.map { RemainingTime(seconds: $0 - now).description } ?? "never",
                ]
            }
        ).text
    }
}
