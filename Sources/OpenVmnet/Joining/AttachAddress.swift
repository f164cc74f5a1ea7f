package import VmnetSystem

/// Where a network is joined.
package struct AttachAddress: Equatable, Sendable {
    /// Of the attach socket.
    package let address: UnixAddress
    /// What the socket asks for; nil: nothing.
    package let key: String?

    /// The network of that name, or the one with that control socket when it is a path, which has a slash.
    package init(_ network: String) throws(VmnetError) {
        let control =
            network.contains("/")
            ? network
            : ControlPath.socket(
                of: try NetworkConfiguration.checked(name: NetworkConfiguration.canonical(name: network)))
        do throws(SystemError) {
            address = try UnixAddress(path: ControlPath.attachSocket(beside: control), for: "connect to")
        } catch {
            throw VmnetError(error)
        }
        key = nil
    }

    /// The network that was given away as this text.
    package init(serialization: String) throws(VmnetError) {
        guard let networkKey = NetworkKey(serialization) else {
            throw VmnetError(
                .invalidArgument, "what should be a network's serialization is something else",
                hint: "pass on what the network's owner has got, as it is")
        }
        do throws(SystemError) {
            address = try UnixAddress(abstractName: networkKey.socketName, for: "connect to")
        } catch {
            throw VmnetError(error)
        }
        key = networkKey.key
    }

    /// Whether a network that has ended may come back here.
    var isLasting: Bool { key == nil }
}
