import ArgumentParser
import OpenVmnet
import VmnetSystem

/// NETWORK OPTIONS: what a network is to be, each option on its own or all at once in QEMU's form.
struct NetworkOptionGroup: ParsableArguments {
    @Option(help: ArgumentHelp("All of the following at once, as QEMU writes them.", valueName: "vmnet-shared,..."))
    var netdev: [String] = []

    @Option(
        help: ArgumentHelp("How guests reach beyond the network (default: shared).", valueName: "shared|host|bridged"))
    var mode: [String] = []

    @Option(name: Self.names(.startAddress), help: ArgumentHelp("The gateway; guests get the addresses after it."))
    var startAddress: [String] = []

    @Option(name: Self.names(.endAddress), help: ArgumentHelp("The last address that guests get."))
    var endAddress: [String] = []

    @Option(name: Self.names(.subnetMask), help: ArgumentHelp("The mask of the subnet that holds both."))
    var subnetMask: [String] = []

    @Flag(help: "Keep guests from each other: they have the gateway, or in bridged mode the physical network.")
    var isolated = false

    @Option(
        name: .customLong("net-uuid"),
        help: ArgumentHelp("Name a private network without DHCP (host mode).", valueName: "uuid"))
    var netUUID: [String] = []

    @Option(
        name: .customLong("host-ip"),
        help: ArgumentHelp("The host's own address in a private network.", valueName: "address"))
    var hostIP: [String] = []

    @Option(
        name: .customLong("host-mask"), help: ArgumentHelp("The mask of the subnet that it is in.", valueName: "mask"))
    var hostMask: [String] = []

    @Option(name: .customLong("nat66-prefix"), help: ArgumentHelp("The IPv6 /64 for guests.", valueName: "fd00::"))
    var nat66Prefix: [String] = []

    @Option(
        help: ArgumentHelp(
            "The host's interface to bridge to (default: the default route's).", valueName: "interface|fd:number"))
    var ifname: [String] = []

    @Option(
        help: ArgumentHelp(
            "The largest IP packet, in bytes (default: 1500; bridged mode: the interface's).", valueName: "bytes"))
    var mtu: [String] = []

    @Flag(help: "Keep guests from services on this host's loopback; without it they are at the gateway address.")
    var noHostLoopback = false

    @Flag(help: "Let a guest send from its own MAC address and its leased addresses only.")
    var lockLeases = false

    @Option(
        help: ArgumentHelp(
            "Keep an address for a guest, and perhaps a host name; repeat it for more.", valueName: "mac=address[,name]"
        ))
    var reserve: [String] = []

    @Flag(help: "Take the addresses though this host uses them.")
    var force = false

    /// The checked configuration.
    func configuration(name: String? = nil) throws(VmnetError) -> NetworkConfiguration {
        var configuration = try NetworkConfiguration(
            options: options(), name: name, allowsHostLoopback: !noHostLoopback, locksLeases: lockLeases,
            allowsUsedSubnet: force)
        if configuration.mode == .bridged {
            configuration.interfaceName = try Self.uplink(configuration.interfaceName)
        }
        for text in reserve { configuration.reservations.append(try AddressReservation(text)) }
        return configuration
    }

    /// The interface of that name, if it can be bridged; without a name the default route's; a descriptor as it is.
    private static func uplink(_ name: String?) throws(VmnetError) -> String {
        if let name, PassedPacketSocket(name) != nil { return name }
        return try UplinkInterface.named(name).name
    }

    /// Checks that nothing is said of a network that runs already, but that this guest is to be isolated on it.
    func checkJoining(_ name: String) throws(VmnetError) {
        var ownOptions = NetworkOptions()
        if isolated { try ownOptions.set(.isolated, to: "on") }
        guard try options() == ownOptions, !noHostLoopback, !lockLeases, reserve.isEmpty, !force else {
            throw VmnetError(
                .invalidConfiguration, "the network '\(name)' has its options already",
                hint: "with --network, leave the network options out; only --isolated may be there, for this guest")
        }
    }

    private func options() throws(VmnetError) -> NetworkOptions {
        var options = NetworkOptions()
        for text in netdev { try options.add(netdev: text) }
        let single: [(NetworkOption, [String])] = [
            (.mode, mode), (.startAddress, startAddress), (.endAddress, endAddress), (.subnetMask, subnetMask),
            (.isolated, isolated ? ["on"] : []), (.netUUID, netUUID),
            (.hostIP, hostIP), (.hostMask, hostMask), (.nat66Prefix, nat66Prefix), (.ifname, ifname),
            (.mtu, mtu),
        ]
        for (option, values) in single {
            for value in values { try options.set(option, to: value) }
        }
        return options
    }

    private static func names(_ option: NetworkOption) -> NameSpecification {
        NameSpecification(([option.rawValue] + option.aliases).map { .customLong($0) })
    }
}
