import Glibc

/// What sysfs knows of an interface, and rtnetlink does not.
package struct InterfaceTraits: Equatable, Sendable {
    /// IEEE 802.11.
    package var isWireless = false
    /// A part of a network card that its owner has handed to this machine (SR-IOV).
    package var isVirtualFunction = false

    package init() {}

    /// Reads those of the interface `link`. None, where sysfs shows another network namespace than this one.
    package static func of(_ link: NetworkLink, sysfs: String = "/sys/class/net") -> InterfaceTraits {
        let folder = "\(sysfs)/\(link.name)"
        var traits = InterfaceTraits()
        let contents = (try? File.read("\(folder)/ifindex", maximumByteCount: 16)) ?? nil
        guard let contents, String(decoding: contents, as: UTF8.self) == "\(link.index)\n" else { return traits }
        traits.isWireless = File.exists("\(folder)/phy80211") || File.exists("\(folder)/wireless")
        traits.isVirtualFunction = File.exists("\(folder)/device/physfn")
        return traits
    }
}
