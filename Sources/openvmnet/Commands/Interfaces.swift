import ArgumentParser
import VmnetControl
import VmnetSystem
import VmnetWire

/// `openvmnet interfaces`: what a bridged network can be on.
struct Interfaces: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List this host's interfaces, and which can be bridged.",
        discussion: """
            Guests of a bridged network (--mode bridged) are on the network behind an interface of this host. The one \
            that is taken unless --ifname names another, the default route's, is marked with *.

            With --json: "version" (1) and "interfaces", a list of "name", "index", "kind" (ethernet, wireless, \
            loopback, bridge, veth, ...), "mac", "mtu" (bytes), "state" (up, no-carrier, down), "default" and \
            "bridgeable" (true or false), "reason" and "remedy" where it is not, and "caution" where guests may not be \
            heard all the same.

            The exit status is 0, 1 when the kernel does not say, and 2 for wrong usage.
            """)

    @Flag(help: "Print JSON.")
    var json = false

    mutating func run() throws {
        let interfaces = try HostInterface.all()
        try StandardStream.output.write(
            json ? try JSON.line(InterfacesLine(interfaces)) + "\n" : Self.table(interfaces))
    }

    static func table(_ interfaces: [HostInterface]) -> String {
        TextTable(
            header: ["NAME", "KIND", "MAC", "MTU", "STATE", "BRIDGED"],
            rows: interfaces.map { interface in
                [
                    interface.name + (interface.isDefault ? " *" : ""), interface.kind, mac(interface) ?? "-",
                    "\(interface.link.mtu)", interface.link.state.rawValue, answer(interface),
                ]
            }
        ).text
    }

    private static func answer(_ interface: HostInterface) -> String {
        if let obstacle = interface.obstacle {
            return "no: \(obstacle.reason)" + (obstacle.remedy(for: interface.name).map { "; \($0)" } ?? "")
        }
        return interface.caution.map { "yes, but \($0)" } ?? "yes"
    }

    fileprivate static func mac(_ interface: HostInterface) -> String? {
        interface.link.macAddress.map { "\(MACAddress(bits: $0))" }
    }
}

/// The list as JSON.
private struct InterfacesLine: Encodable {
    struct Interface: Encodable {
        let name: String
        let index: UInt32
        let kind: String
        /// Missing for what has none, or one of another length than Ethernet's.
        let mac: String?
        let mtu: Int
        let state: String
        let `default`: Bool
        let bridgeable: Bool
        let reason: String?
        let remedy: String?
        let caution: String?
    }

    let version = ControlJSON.version
    let interfaces: [Interface]

    init(_ interfaces: [HostInterface]) {
        self.interfaces = interfaces.map {
            Interface(
                name: $0.name, index: $0.link.index, kind: $0.kind, mac: Interfaces.mac($0), mtu: $0.link.mtu,
                state: $0.link.state.rawValue, default: $0.isDefault, bridgeable: $0.obstacle == nil,
                reason: $0.obstacle?.reason, remedy: $0.obstacle?.remedy(for: $0.name), caution: $0.caution)
        }
    }
}
