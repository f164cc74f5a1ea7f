import ArgumentParser
import OpenVmnet

/// Ports of this host that lead to guests.
struct ForwardOptionGroup: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A port of this host that leads to a guest; repeat it for more.",
            discussion: """
                PROTO is tcp or udp, HOSTADDR an address of this host (127.0.0.1; IPv6 in brackets), and HOSTPORT 0 for \
                one that the kernel chooses. GUEST is an IPv4 address, a MAC address or the name that the guest tells \
                the DHCP server, and can be left out while there is one guest. unix:PATH:[GUEST:]GUESTPORT listens on \
                a Unix socket.
                """, valueName: "proto:[hostaddr:]hostport:[guest:]guestport"))
    var forward: [String] = []

    /// What they mean, each checked, no two of them with the same place on this host.
    func forwards() throws(VmnetError) -> [PortForward] {
        var forwards: [PortForward] = []
        for text in forward {
            let next = try PortForward(text)
            if !next.isPortChosenByKernel, let other = forwards.first(where: { $0.host == next.host }) {
                throw VmnetError(
                    .invalidConfiguration, "'--forward' has '\(other)' and '\(next)', with one place on this host",
                    hint: "leave one out, or give it another port")
            }
            forwards.append(next)
        }
        return forwards
    }
}
