import OpenVmnet
import Synchronization
import VmnetSystem
import VmnetWire

/// The networks of this process by what was asked of them, so that who asks for the same is on the same network.
final class NetworkRegistry: Sendable {
    static let shared = NetworkRegistry()

    fileprivate struct Entry {
        let request: NetworkConfiguration
        /// Of the host, in bridged mode.
        let interfaceName: String?
        let network: SharedNetwork
        var userCount = 1
    }

    /// Held while a network starts and ends, so that who asks next finds it, or its addresses free.
    private let entries = Mutex<[Entry]>([])

    /// The network that the description asks for, started unless it runs; whoever gets it leaves it.
    func join(_ description: InterfaceDescription) throws(VmnetError) -> SharedNetwork {
        let request = try NetworkConfiguration(options: try description.networkOptions())
        let interfaceName = request.mode == .bridged ? description.sharedInterfaceName : nil
        return try entries.withLock { entries throws(VmnetError) in
            if let index = entries.firstIndex(where: { $0.isMeant(by: request, interfaceName) }) {
                try entries[index].check(request, description)
                entries[index].userCount += 1
                return entries[index].network
            }
            if let interfaceName { _ = try UplinkInterface.named(interfaceName) }
            let network = try SharedNetwork(request.completed())
            entries.append(Entry(request: request, interfaceName: interfaceName, network: network))
            return network
        }
    }

    /// Gives a network up, which ends with its last user.
    func leave(_ network: SharedNetwork) {
        entries.withLock { entries in
            guard let index = entries.firstIndex(where: { $0.network === network }) else { return }
            entries[index].userCount -= 1
            guard entries[index].userCount == 0 else { return }
            entries.remove(at: index).network.end()
        }
    }
}

extension NetworkRegistry.Entry {
    /// Whether the request names this network: by its mode and addresses, its identifier, or the host's interface.
    fileprivate func isMeant(by other: NetworkConfiguration, _ interfaceName: String?) -> Bool {
        guard request.mode == other.mode, request.identifier == other.identifier else { return false }
        guard self.interfaceName == interfaceName else { return false }
        return request.addresses == other.addresses || network.range == other.addresses
    }

    /// - Throws: `.busy` when the request names this network, and wants it otherwise than it is.
    fileprivate func check(
        _ other: NetworkConfiguration, _ description: InterfaceDescription
    ) throws(VmnetError) {
        if let mtu = description.mtu, mtu != network.mtu {
            throw VmnetError(
                .busy, "the \(request.mode.rawValue) network has an MTU of \(network.mtu) already, not \(mtu)",
                hint: "ask for the same, or for other addresses")
        }
        if let prefix = other.nat66Prefix, prefix != network.nat66Prefix {
            throw VmnetError(
                .busy, "the \(request.mode.rawValue) network has another vmnet_nat66_prefix already than \(prefix)",
                hint: "ask for the same, or for other addresses")
        }
        if other.host != request.host {
            throw VmnetError(
                .busy, "the private network has another vmnet_host_ip_address already", hint: "ask for the same")
        }
    }
}
