import ArgumentParser
import SystemPackage
import VmnetSystem
import VmnetWire

/// The guest's side of `NamespaceGuest`: this program once more, started by itself and hidden from people.
///
/// It has one thread and does one thing after the other, so that it may move between namespaces.
struct NamespaceGuestCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "namespace-guest", abstract: "Used by run --netns and demo.", shouldDisplay: false)

    @Option var macAddress: String
    @Option var mtu: Int
    @Flag var unpaced = false
    @Option var demoPort: UInt16?
    @Option var demoByteCount: Int?
    @Argument(parsing: .postTerminator) var command: [String] = []

    /// The command line that comes to this. `/proc/self/exe` is the running program even after an upgrade.
    static func arguments(for purpose: NamespaceGuest.Purpose, _ boot: GuestBoot) -> [String] {
        let common =
            [
                "/proc/self/exe", "namespace-guest", "--mac-address", "\(boot.macAddress)", "--mtu", "\(boot.mtu)",
            ] + (boot.isUnpaced ? ["--unpaced"] : [])
        return switch purpose {
        case .command(let command): common + ["--"] + command
        case .demo(let port, let byteCount):
            common + ["--demo-port", "\(port)", "--demo-byte-count", "\(byteCount)"]
        }
    }

    func run() throws {
        guard (try? Socket.kind(of: GuestChannel.guestDescriptor)) == .seqpacket, let mac = MACAddress(macAddress)
        else {
            throw ValidationError(
                "namespace-guest is started by openvmnet itself; use: openvmnet run --netns -- COMMAND")
        }
        let channel = try GuestChannel.adopt(Descriptor(owning: GuestChannel.guestDescriptor))
        do {
            let settings = try GuestBoot(macAddress: mac, mtu: mtu, isUnpaced: unpaced).run(on: channel)
            guard let port = demoPort, let byteCount = demoByteCount else { throw try become(command) }
            try DemoGuest(gateway: settings.gateway, port: port, byteCount: byteCount).run(on: channel)
        } catch let refusal as NamespaceRefusal {
            try channel.send(.failed(refusal.message, hint: refusal.hint))
        } catch let error as SystemError {
            try channel.send(.failed("cannot \(error.operation): \(error.errno)", hint: error.remedy))
        }
    }

    /// Returns only when that is not possible, with a shell's exit status for it. The person reads it on standard error,
    /// as from a shell.
    private func become(_ command: [String]) throws -> ExitCode {
        try GuestNamespace.admit()
        return Failure.notStarted(command, Program.replaceProcess(with: command))
    }
}
