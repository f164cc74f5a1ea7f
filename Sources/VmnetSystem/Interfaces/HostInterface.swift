import CVmnetLinux

/// An interface of the host, and whether guests can be on the network behind it.
package struct HostInterface: Equatable, Sendable {
    package let link: NetworkLink
    /// `ethernet`, `wireless`, `loopback`, `other`, or what kind of virtual interface it is: `bridge`, `veth`.
    package let kind: String
    /// Why it cannot be bridged; nil = it can.
    package let obstacle: BridgeObstacle?
    /// What may keep guests from being heard though it can be bridged, as it reads after the interface's name.
    package let caution: String?
    /// Whether the default route leads there.
    package let isDefault: Bool

    package var name: String { link.name }

    /// Those of this network namespace, in the order of their numbers.
    package static func all() throws(SystemError) -> [HostInterface] {
        let links = try NetworkLink.all()
        var traits: [UInt32: InterfaceTraits] = [:]
        for link in links { traits[link.index] = InterfaceTraits.of(link) }
        return all(
            of: links, traits: traits, defaultIndex: DefaultRoute.preferred(of: try DefaultRoute.all())?.interface,
            platform: HostPlatform.filteringMACAddresses())
    }

    /// - Parameters:
    ///   - traits: by the interface's number; none is known of those that are missing.
    ///   - defaultIndex: of the interface that the default route leads to.
    ///   - platform: the one that this machine runs on, if it passes frames of its own MAC addresses only.
    package static func all(
        of links: [NetworkLink], traits: [UInt32: InterfaceTraits], defaultIndex: UInt32?, platform: String?
    ) -> [HostInterface] {
        links.map { link in
            let known = traits[link.index] ?? InterfaceTraits()
            return HostInterface(
                link: link, kind: kind(of: link, known), obstacle: obstacle(of: link, known, among: links),
                caution: caution(of: link, known, platform), isDefault: link.index == defaultIndex)
        }
    }

    private static func kind(of link: NetworkLink, _ traits: InterfaceTraits) -> String {
        if link.isLoopback { return "loopback" }
        if let kind = link.virtualKind { return kind }
        if traits.isWireless { return "wireless" }
        return link.isEthernet ? "ethernet" : "other"
    }

    private static func obstacle(
        of link: NetworkLink, _ traits: InterfaceTraits, among links: [NetworkLink]
    ) -> BridgeObstacle? {
        if link.isLoopback { return .loopback }
        if !link.isEthernet { return .notEthernet }
        if traits.isWireless { return .wireless }
        // A VRF concerns routes, not frames.
        if let master = link.masterIndex, link.portKind != "vrf" {
            let name = links.first { $0.index == master }?.name
            return .port(of: name ?? "\(master)", kind: link.portKind ?? "interface")
        }
        if let kind = link.virtualKind, hasSingleAddress(kind, macvlanMode: link.macvlanMode) {
            return .singleAddress(kind: kind)
        }
        return link.state == .down ? .down : nil
    }

    private static func hasSingleAddress(_ kind: String, macvlanMode: UInt32?) -> Bool {
        switch kind {
        case "ipvlan", "ipvtap": true
        case "macvlan", "macvtap": macvlanMode != UInt32(MACVLAN_MODE_PASSTHRU.rawValue)
        default: false
        }
    }

    private static func caution(of link: NetworkLink, _ traits: InterfaceTraits, _ platform: String?) -> String? {
        if traits.isVirtualFunction {
            return "is a virtual function: its card may pass frames of its own MAC address only "
                + "(ip link set DEVICE vf NUMBER spoofchk off trust on, at the card's owner)"
        }
        guard let platform, link.isEthernet, link.virtualKind == nil else { return nil }
        return "is a network card of \(platform), which may pass frames of its own MAC address only"
    }
}
