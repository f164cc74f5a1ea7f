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
            """)

    @OptionGroup(title: "Network options") var network: NetworkOptionGroup
    @OptionGroup(title: "Forward options") var forward: ForwardOptionGroup
    @OptionGroup(title: "State options") var state: StateDirectoryOption
    @OptionGroup(title: "Log options") var log: LogOptionGroup

    @Option(help: ArgumentHelp("Where guests attach; repeat it for more.", valueName: "transport:path"))
    var listen: [String] = []

    @Option(
        help: ArgumentHelp(
            "The control socket (default: NAME.control where this user's sockets are).", valueName: "path"))
    var control: String?

    mutating func run() throws {
        let configuration = try network.configuration(name: state.name)
        let forwards = try forward.forwards()
        let addresses = try listen.map { try ListenAddress($0) }
        guard !addresses.isEmpty else {
            throw VmnetError(
                .invalidConfiguration, "nowhere to listen",
                hint: "add --listen stream:PATH, dgram:PATH, bess:PATH, tap:NAME or fd:NUMBER")
        }
        try ListenAddress.checkDistinct(addresses)
        let signals = try SignalDescriptor([SIGTERM, SIGINT, SIGHUP])
        SignalDescriptor.ignoreBrokenPipe()
        let network = try Network(
            configuration: configuration, stateDirectory: state.path(of: configuration.name), logger: log.logger())
        for forward in forwards { try network.addForward(forward) }
        for address in addresses { try network.listen(on: address) }
        try network.start()
        defer { network.stop() }
        let path = control ?? ControlPath.socket(of: configuration.name)
        let server = try ControlServer(ControlledNetwork(network, listen: addresses, control: path))
        defer { server.stop() }
        try StandardStream.output.write(JSON.line(ReadyLine(network, listen: addresses, control: path)) + "\n")
        _ = try signals.wait()
    }
}
