import ArgumentParser
import Glibc
import VmnetControl
import VmnetSystem

/// `openvmnet status`: how a network goes.
struct Status: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Show a running network: its guests, what they have sent and got, and what was dropped.",
        discussion: """
            IN is what came from the guest, OUT what went to it. DROPPED counts frames that went no further, for all \
            reasons; --json has each. QUEUED is what waits because the guest does not read.
            """)

    @OptionGroup(title: "Network") var selection: NetworkSelection

    @Flag(help: "Show it again each second, until interrupted or until the network ends.")
    var watch = false

    @Flag(help: "Print JSON; with --watch a line each second.")
    var json = false

    /// Clears the terminal and goes to its first line (ECMA-48: ED and CUP).
    private static let clear = "\u{1b}[2J\u{1b}[H"

    mutating func run() throws {
        let client = try selection.client()
        while true {
            let status = try client.status()
            try show(status)
            guard watch else { return }
            sleep(1)
        }
    }

    private func show(_ status: StatusDocument) throws {
        if json { return try StandardStream.output.write(JSON.line(status) + "\n") }
        let prefix = watch && isatty(STDOUT_FILENO) == 1 ? Self.clear : ""
        try StandardStream.output.write(prefix + StatusTable(status, now: WallClock.secondsSinceEpoch).text)
    }
}
