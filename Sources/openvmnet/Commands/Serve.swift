import ArgumentParser
import Glibc
import OpenVmnet
import VmnetControl
import VmnetSystem

/// `openvmnet serve`: a network that many guests attach to.
struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a network that guests attach to, until SIGTERM.",
        discussion: """
            When guests can attach, one line of JSON on standard output says so. Meanwhile `openvmnet status` and \
            others ask it through its control socket. Guests attach to:

              stream:PATH       many guests, one connection each, in QEMU's framing (-netdev stream)
              dgram:PATH        one guest (-netdev dgram, vfkit's unixgram)
              bess:PATH         many guests, one SEQPACKET connection each (User Mode Linux's bess)
              tap:NAME[@NETNS]  a TAP interface made here, in the network namespace at the path NETNS
              fd:NUMBER         a connected socket or a TAP that this process inherited

            Programs that link the library, and `openvmnet run --network`, join it by its name: with --name it needs no \
            other place.

            With ,isolated behind it, guests that attach there have nothing to do with the others.

            Started by systemd, it also takes guests at the sockets that it is passed, says when they can attach, and \
            keeps their connections over a restart. See openvmnet@.service and openvmnet@.socket.

            The exit status is 0 after SIGTERM, SIGINT or SIGHUP, 1 for a failure at run time, and 2 for wrong usage or \
            configuration.

            Files:

              $XDG_STATE_HOME/openvmnet/NAME/leases     who has which address, in dnsmasq's format
              $XDG_RUNTIME_DIR/openvmnet                locks on names, subnets and paths
              ~/.config/openvmnet/NAME.env              options of openvmnet@NAME.service: OPENVMNET_OPTIONS
            """)

    @OptionGroup(title: "Network options") var network: NetworkOptionGroup
    @OptionGroup(title: "Forward options") var forward: ForwardOptionGroup
    @OptionGroup(title: "State options") var state: StateDirectoryOption
    @OptionGroup(title: "Log options") var log: LogOptionGroup

    @Option(help: ArgumentHelp("Where guests attach; repeat it for more.", valueName: "transport:path[,isolated]"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp(
            "The control socket (default: NAME.control where this user's sockets are).", valueName: "path"))
    var control: String?

    @Option(
        help: ArgumentHelp(
            "A group whose members may attach interfaces and passed descriptors, too; needs --control in a directory "
                + "that they may enter.",
            valueName: "group"))
    var attachGroup: String?

    mutating func run() throws {
        let configuration = try network.configuration(name: state.name)
        let points = try listen.map { try AttachmentPoint($0) }
        let forwards = try forward.forwards()
        var supervision = try Supervision()
        guard !points.isEmpty || supervision.hasSockets || state.name != nil else {
            throw VmnetError(
                .invalidConfiguration, "nowhere to listen",
                hint:
                    "add --listen stream:PATH, dgram:PATH, bess:PATH, tap:NAME or fd:NUMBER, or a --name to join it by")
        }
        let attachGroup = try attachGroupNumber()
        try ListenAddress.checkDistinct(points.map(\.address))
        let signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP])
        SignalDescriptor.ignoreBrokenPipe()
        let network = try Network(
            configuration: configuration, stateDirectory: state.path(of: configuration.name), logger: log.logger(),
            uplink: .commandLine)
        BridgeNotice.report(on: network)
        for forward in forwards { try network.addForward(forward) }
        let places = try supervision.listen(on: points, network)
        try network.start()
        defer {
            network.stop()
            supervision.end()
        }
        let path = control ?? ControlPath.socket(of: configuration.name)
        let server = try ControlServer(
            ControlledNetwork(network, listen: places, control: path, attachGroup: attachGroup))
        defer { server.stop() }
        try StandardStream.output.write(JSON.line(ReadyLine(network, listen: places, control: path)) + "\n")
        try supervision.reportReady(at: places, of: network)
        _ = try signals.wait()
        try supervision.reportStopping()
    }

    /// Nobody else can enter the directory in which the control socket is unless told otherwise.
    private func attachGroupNumber() throws -> UInt32? {
        guard let attachGroup else { return nil }
        guard control != nil else {
            throw VmnetError(
                .invalidConfiguration, "'--attach-group' is without '--control'",
                hint: "add --control PATH, in a directory that the group '\(attachGroup)' may enter")
        }
        do throws(SystemError) {
            return try UserGroup.number(of: attachGroup)
        } catch {
            throw VmnetError(
                .invalidConfiguration, "'--attach-group' \(attachGroup) is no group of this host",
                hint: "getent group lists those there are")
        }
    }
}
