import ArgumentParser
import FoundationEssentials
import Glibc
import OpenVmnet
import VmnetSystem
import VmnetWire

/// `openvmnet demo`: a network, a guest and two transfers, to see that it works here.
struct Demo: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Try it: a guest in a namespace gets a lease, pings the gateway, and moves 256 MiB each way.",
        discussion: """
            No root and no preparation are needed. The payload comes from a server on this host's loopback and goes \
            through the network's DHCP, switch and NAT as any guest's would. Exits with 0 only if every byte arrived.
            """)

    @OptionGroup(title: "Log options") var log: LogOptionGroup

    @Flag(help: "Print one JSON object at the end, and nothing else.")
    var json = false

    static let byteCount = 256 << 20

    mutating func run() throws {
        var demonstration = Demonstration(
            byteCount: Self.byteCount, style: json ? .silent : DemoTranscript.styleOfOutput, logger: log.logger())
        let result = demonstration.run(recipes: .here())
        if json { try StandardStream.output.write(Self.json(result) + "\n") }
        if let failure = result.failure { throw VmnetError(.system, failure, hint: result.hint) }
    }

    static func json(_ result: DemoResult) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return String(decoding: try encoder.encode(result), as: UTF8.self)
    }
}
