import ArgumentParser
import OpenVmnet
import VmnetControl
import VmnetSystem

/// Whose leases are meant: a running network's, or what one that has stopped left in its state directory.
struct LeaseSourceOption: ParsableArguments {
    @OptionGroup var state: StateDirectoryOption

    @Option(help: ArgumentHelp("The network's control socket, if it has one in another place.", valueName: "path"))
    var control: String?

    /// By address, ended ones included. A state directory is read, whether or not its network runs; else a running
    /// network is asked.
    func leases() throws -> [LeaseDocument] {
        if state.stateDir == nil {
            do throws(VmnetError) {
                return try RunningNetworks.find(name: state.name, control: control).leases().leases
            } catch {
                guard error.code == .notRunning, control == nil else { throw error }
            }
        }
        let name = try NetworkConfiguration(name: state.name).name
        let now = WallClock.secondsSinceEpoch
        return try LeaseRecord.all(inStateDirectory: state.path(of: name)).map { LeaseDocument($0, now: now) }
    }
}
