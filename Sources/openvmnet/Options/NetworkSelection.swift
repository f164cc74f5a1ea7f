import ArgumentParser
import OpenVmnet
import VmnetControl

/// Which running network is meant.
struct NetworkSelection: ParsableArguments {
    @Option(help: "The network's name; may be left out when one runs.")
    var name: String?

    @Option(help: ArgumentHelp("Its control socket, if it has one in another place.", valueName: "path"))
    var control: String?

    func client() throws(VmnetError) -> ControlClient {
        try RunningNetworks.find(name: name, control: control)
    }
}
