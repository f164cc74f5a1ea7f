import ArgumentParser
import OpenVmnet
import VmnetControl

/// `openvmnet forward remove`.
struct ForwardRemove: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "remove", abstract: "Close a forward's port, and end its connections.")

    @Argument(
        help: ArgumentHelp(
            "The forward; only its part on this host counts.",
            valueName: "proto:[hostaddr:]hostport:[guest:]guestport"))
    var forward: String

    @OptionGroup(title: "Network") var selection: NetworkSelection

    @Flag(help: "Print how it stood, as JSON.")
    var json = false

    mutating func run() throws {
        let forward = try PortForward(forward)
        let removed = try selection.client().removeForward(forward)
        if json { try StandardStream.output.write(JSON.line(removed) + "\n") }
    }
}
