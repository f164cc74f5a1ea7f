import ArgumentParser
import VmnetControl

/// `openvmnet forward list`.
struct ForwardList: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list", abstract: "List the port forwards, and whom they lead to.",
        discussion: """
            OPEN, ACCEPTED and REFUSED count connections, IN and OUT datagrams to the guest and from it.
            """)

    @OptionGroup(title: "Network") var selection: NetworkSelection

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let document = try selection.client().forwards()
        try StandardStream.output.write(
            json ? try JSON.line(document) + "\n" : ForwardListing(document.forwards).text)
    }
}
