import ArgumentParser
import VmnetControl

/// `openvmnet forward list`.
struct ForwardList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the port forwards, and whom they lead to.")

    @OptionGroup(title: "Network") var selection: NetworkSelection

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let document = try selection.client().forwards()
        try StandardStream.output.write(
            json ? try JSON.line(of: document) + "\n" : ForwardListing(document.forwards).text)
    }
}
