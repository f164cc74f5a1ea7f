import ArgumentParser
import Glibc
import OpenVmnet
import VmnetControl
import VmnetSystem

/// `openvmnet run`: a private network for one command, gone when it ends; or the command as a guest of a network that runs.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a command on a private network of its own, or on one that runs.",
        discussion: """
            COMMAND finds a connected stream socket in QEMU's framing on descriptor 3 (OPENVMNET_STREAM_FD), and a \
            connected datagram socket on descriptor 4 (OPENVMNET_DGRAM_FD):

              openvmnet run -- qemu-system-x86_64 -device virtio-net-pci,netdev=n0 \\
                -netdev stream,id=n0,addr.type=fd,addr.str=3 ...

            With --netns it runs in a new user and network namespace instead, whose eth0 is a guest on the network, \
            configured by DHCP. COMMAND keeps its user, and may configure its network, see its packets and serve at \
            ports below 1024.

            With --network the command joins the network that `openvmnet serve --name NAME` runs, in either way, and \
            leaves it when it ends.

            The exit status is COMMAND's, or 128 and the number of the signal that ended it; 1 when the network cannot \
            be made, 2 for wrong usage, 126 or 127 when COMMAND cannot be run or found.
            """)

    @OptionGroup(title: "Network options") var network: NetworkOptionGroup
    @OptionGroup(title: "Forward options") var forward: ForwardOptionGroup
    @OptionGroup(title: "Log options") var log: LogOptionGroup

    @Option(
        name: .customLong("network"),
        help: ArgumentHelp("Join this network, which runs, instead of making one.", valueName: "name"))
    var joined: String?

    @Flag(help: "Start COMMAND in a new network namespace whose eth0 is a guest on the network.")
    var netns = false

    @Argument(parsing: .postTerminator, help: "What to run, after --.")
    var command: [String] = []

    mutating func run() throws {
        if let joined { try network.checkJoining(joined) }
        let configuration = try joined == nil ? network.configuration(name: "run") : nil
        let forwards = try forward.forwards()
        guard joined == nil || forwards.isEmpty else {
            throw VmnetError(
                .invalidConfiguration, "'--forward' is for a network of the command's own",
                hint: "add it to the one that is joined: openvmnet forward add --name \(joined ?? "NAME")")
        }
        guard !command.isEmpty else {
            throw VmnetError(.invalidConfiguration, "no command to run", hint: "write it after --, as in: run -- sh")
        }
        guard !netns || configuration?.identifier == nil else {
            throw VmnetError(
                .invalidConfiguration, "'--netns' and 'net-uuid' contradict each other", hint: Self.noServerHint)
        }
        let signals = try SignalDescriptor(ForegroundProcess.forwardedSignals)
        SignalDescriptor.ignoreBrokenPipe()
        guard let configuration else { return try runOnJoined(signals) }
        let network = try Network(
            configuration: configuration, stateDirectory: nil, logger: log.logger(), uplink: .commandLine)
        BridgeNotice.report(on: network)
        for forward in forwards { try network.addForward(forward) }
        try network.start()
        defer { network.stop() }
        try run(on: RunNetwork(network), signals)
    }

    private static let noServerHint =
        "a network with net-uuid has no DHCP server, which the namespace gets its address from"

    private func runOnJoined(_ signals: borrowing SignalDescriptor) throws {
        let client = try RunningNetworks.find(name: joined)
        let status = try client.status()
        guard !netns || status.networkIdentifier == nil else {
            throw VmnetError(
                .invalidConfiguration, "'--netns' cannot join the private network '\(status.name)'",
                hint: Self.noServerHint)
        }
        try run(on: RunNetwork(joining: client, status, isIsolated: network.isolated), signals)
    }

    /// Ends with the command's status.
    private func run(on network: RunNetwork, _ signals: borrowing SignalDescriptor) throws {
        let status = try withExtendedLifetime(network) {
            try netns ? waitInNamespace(on: network, signals) : waitWithSockets(on: network, signals)
        }
        throw ExitCode(status.shellCode)
    }

    /// COMMAND as a guest itself.
    private func waitInNamespace(
        on network: RunNetwork, _ signals: borrowing SignalDescriptor
    ) throws -> ExitStatus {
        let guest = try NamespaceGuest.start(.command(command), mtu: network.mtu, mode: network.mode) { tap in
            try network.attach(tap, origin: "run --netns")
        }
        for warning in guest.warnings { Failure.report(warning) }
        return try ForegroundProcess.wait(for: guest.process, signals)
    }

    /// COMMAND as a program that speaks a transport itself.
    private func waitWithSockets(
        on network: RunNetwork, _ signals: borrowing SignalDescriptor
    ) throws -> ExitStatus {
        let process = try GuestSockets.start(command, on: network)
        return try ForegroundProcess.wait(for: process, signals)
    }
}
