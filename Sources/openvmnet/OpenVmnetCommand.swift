import ArgumentParser

/// The root of the command line: verbs, one file each.
struct OpenVmnetCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "openvmnet",
        abstract: "Networks for virtual machines without root: DHCP, NAT and an L2 segment.",
        discussion: """
            A network is one Ethernet segment with a gateway, a DHCP server and a NAT to whatever this host reaches. \
            Guests attach to it through sockets that QEMU and User Mode Linux speak, or live in a network namespace.

            See `openvmnet demo` for one that works, with the command lines to make your own.
            """,
        version: "0.1.0",
        subcommands: [
            Run.self, Serve.self, Status.self, Leases.self, IP.self, Forward.self, Networks.self, Interfaces.self,
            Demo.self, NamespaceGuestCommand.self,
        ])
}
