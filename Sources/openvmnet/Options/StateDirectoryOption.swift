import ArgumentParser
import OpenVmnet
import VmnetSystem

/// Which network's leases are meant, and where they are.
struct StateDirectoryOption: ParsableArguments {
    @Option(help: "What the network is called (default: its UUID, or its mode).")
    var name: String?

    @Option(help: ArgumentHelp("Where leases are kept (default: under $XDG_STATE_HOME).", valueName: "directory"))
    var stateDir: String?

    /// The directory for the network `name`.
    func path(of name: String) throws -> String {
        if let stateDir {
            guard !stateDir.isEmpty else {
                throw VmnetError(.invalidConfiguration, "'--state-dir' is empty", hint: "name a directory")
            }
            return stateDir
        }
        return "\(try Directory.state(Environment.value))/\(name)"
    }
}
