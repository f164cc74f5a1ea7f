import ArgumentParser
import OpenVmnet
import VmnetControl

/// `openvmnet forward add`.
struct ForwardAdd: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "add", abstract: "Add a port forward, and print it with the port that it really has.")

    @Argument(help: ArgumentHelp("What leads where.", valueName: "proto:[hostaddr:]hostport:[guest:]guestport"))
    var forward: String

    @OptionGroup(title: "Network") var selection: NetworkSelection

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let forward = try PortForward(forward)
        let added = try selection.client().addForward(forward)
        try StandardStream.output.write((json ? try JSON.line(added) : added.forward) + "\n")
    }
}
