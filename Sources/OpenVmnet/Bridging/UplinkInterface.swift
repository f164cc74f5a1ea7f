package import VmnetSystem

/// Which interface of the host a bridged network is on.
package enum UplinkInterface {
    /// The host's interface of that name, which can be bridged.
    ///
    /// - Parameter name: nil = the one that the default route leads to.
    /// - Throws: `.invalidConfiguration`, in QEMU's words where QEMU has them, when it cannot or there is none.
    package static func named(_ name: String?) throws(VmnetError) -> HostInterface {
        do {
            return try choose(name, among: HostInterface.all())
        } catch {
            throw VmnetError(error)
        }
    }

    static func choose(_ name: String?, among interfaces: [HostInterface]) throws(VmnetError) -> HostInterface {
        let usable = interfaces.filter { $0.obstacle == nil }.map(\.name)
        guard let name else { return try defaultInterface(of: interfaces, usable: usable) }
        guard let interface = interfaces.first(where: { $0.name == name }) else {
            throw unsupported(name, usable: usable, hint: "there is no interface '\(name)'")
        }
        if let obstacle = interface.obstacle {
            throw unsupported(name, usable: usable, hint: sentence(name, obstacle))
        }
        return interface
    }

    private static func defaultInterface(
        of interfaces: [HostInterface], usable: [String]
    ) throws(VmnetError) -> HostInterface {
        let remedy =
            usable.isEmpty
            ? "no interface of this host can be bridged; see openvmnet interfaces"
            : "name one with ifname: \(usable.joined(separator: ", "))"
        guard let interface = interfaces.first(where: \.isDefault) else {
            throw VmnetError(
                .invalidConfiguration, "no 'ifname' is given, and this host has no default route", hint: remedy)
        }
        guard let obstacle = interface.obstacle else { return interface }
        throw VmnetError(
            .invalidConfiguration,
            "no 'ifname' is given, and the default route's interface '\(interface.name)' \(obstacle.reason)",
            hint: obstacle.remedy(for: interface.name).map { "\($0); or \(remedy)" } ?? remedy)
    }

    /// QEMU's words: net/vmnet-bridged.m.
    private static func unsupported(_ name: String, usable: [String], hint: String) -> VmnetError {
        let list = usable.map { $0 + " " }.joined()
        return VmnetError(
            .invalidConfiguration,
            usable.isEmpty
                ? "unsupported ifname '\(name)', no supported interfaces available"
                : "unsupported ifname '\(name)', expected one of [ \(list)]",
            hint: hint)
    }

    private static func sentence(_ name: String, _ obstacle: BridgeObstacle) -> String {
        "'\(name)' \(obstacle.reason)" + (obstacle.remedy(for: name).map { "; \($0)" } ?? "")
    }
}
