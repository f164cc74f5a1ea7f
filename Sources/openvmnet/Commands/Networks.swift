import ArgumentParser
import VmnetControl

/// `openvmnet networks`: what runs.
struct Networks: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List this user's networks that run.",
        discussion: "One that was started with --control in another place is not found.")

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let networks = RunningNetworks.all()
        try StandardStream.output.write(
            json ? try JSON.line(NetworksLine(networks)) + "\n" : Self.table(networks))
    }

    private static func table(_ networks: [StatusDocument]) -> String {
        TextTable(
            header: ["NAME", "MODE", "SUBNET", "GUESTS", "CONTROL"],
            rows: networks.map { [$0.name, $0.mode, $0.subnet ?? "-", "\($0.guests)", $0.control] }
        ).text
    }
}

/// The list as JSON.
private struct NetworksLine: Encodable {
    struct Network: Encodable {
        let name: String
        let mode: String
        /// Missing in a private network that the host is not in.
        let subnet: String?
        let guests: Int
        let pid: Int32
        let control: String
    }

    let version = ControlJSON.version
    let networks: [Network]

    init(_ networks: [StatusDocument]) {
        self.networks = networks.map {
            Network(
                name: $0.name, mode: $0.mode, subnet: $0.subnet, guests: $0.guests, pid: $0.pid, control: $0.control)
        }
    }
}
