package import OpenVmnet

/// The networks of this user that run, as far as they are to be found in the runtime directory.
package enum RunningNetworks {
    /// Time enough to answer; one that does not is left out.
    private static let timeout = Duration.seconds(2)

    /// Each one's status, by name.
    package static func all() -> [StatusDocument] {
        ControlPath.names().compactMap {
            try? ControlClient(path: ControlPath.socket(of: $0), timeout: timeout).status()
        }
    }

    /// The network with that control socket, or of that name; without either, the only one that runs.
    ///
    /// - Throws: `.notRunning` when there is none, `.invalidConfiguration` when the name is missing and there are several.
    package static func find(name: String?, control: String? = nil) throws(VmnetError) -> ControlClient {
        if let control {
            guard name == nil else {
                throw VmnetError(
                    .invalidConfiguration, "'--name' and '--control' both say which network", hint: "give one of them")
            }
            return ControlClient(path: control)
        }
        if let name {
            let client = ControlClient(path: ControlPath.socket(of: NetworkConfiguration.canonical(name: name)))
            do throws(VmnetError) {
                _ = try client.status()
                return client
            } catch  where error.code == .notRunning {
                throw VmnetError(.notRunning, "no network named '\(name)' runs", hint: hint(all().map(\.name)))
            }
        }
        let running = all()
        guard let only = running.first else {
            throw VmnetError(.notRunning, "no network runs", hint: "start one: openvmnet serve --listen stream:PATH")
        }
        guard running.count == 1 else {
            throw VmnetError(
                .invalidConfiguration, "several networks run", hint: hint(running.map(\.name)))
        }
        return ControlClient(path: only.control)
    }

    private static func hint(_ names: [String]) -> String {
        names.isEmpty
            ? "start it: openvmnet serve --name NAME --listen stream:PATH"
            : "name one of those that run: \(names.joined(separator: ", "))"
    }
}
