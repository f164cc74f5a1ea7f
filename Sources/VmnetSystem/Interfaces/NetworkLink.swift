import CVmnetLinux
import Glibc

/// A network interface as the kernel describes it (rtnetlink(7), RTM_NEWLINK).
package struct NetworkLink: Equatable, Sendable {
    /// The kernel's number for it, unique in its network namespace.
    package var index: UInt32
    /// `eth0`.
    package var name: String
    /// ARPHRD_ETHER and others of <net/if_arp.h>.
    package var hardwareType: Int
    /// IFF_UP and others of netdevice(7).
    package var flags: UInt32
    /// In bytes of IP packet.
    package var mtu: Int
    /// The low 48 bits, first octet highest; nil when the interface has none of that length, or zeros (loopback).
    package var macAddress: UInt64?
    /// What kind of virtual interface it is: `bridge`, `veth`, `macvlan`; nil for hardware and loopback.
    package var virtualKind: String?
    /// The bridge, bond or other interface that this one is a port of; nil = of none.
    package var masterIndex: UInt32?
    /// What it is a port of: `bridge`, `bond`, `team`, `openvswitch`, `vrf`.
    package var portKind: String?
    /// MACVLAN_MODE_..., of a macvlan.
    package var macvlanMode: UInt32?

    package init(
        index: UInt32, name: String, hardwareType: Int = Int(ARPHRD_ETHER), flags: UInt32 = Flag.up | Flag.running,
        mtu: Int = 1500
    ) {
        self.index = index
        self.name = name
        self.hardwareType = hardwareType
        self.flags = flags
        self.mtu = mtu
    }

    /// Those of this network namespace, in the order of their numbers.
    package static func all() throws(SystemError) -> [NetworkLink] {
        var links: [NetworkLink] = []
        try Netlink.dump(UInt16(RTM_GETLINK), family: UInt8(AF_UNSPEC)) { message in
            if let link = NetworkLink(message) { links.append(link) }
        }
        return links.sorted { $0.index < $1.index }
    }

    /// nil for a message of another kind.
    private init?(_ message: Netlink.Message) {
        // struct ifinfomsg: family, padding, hardware type in 16 bits, index, flags, and a mask of changed flags.
        guard message.type == RTM_NEWLINK, message.payload.count >= 16 else { return nil }
        let attributes = message.attributes(after: 16)
        self.init(
            index: message.payload.word(at: 4), name: attributes[UInt16(IFLA_IFNAME)]?.text ?? "",
            hardwareType: Int(message.payload.halfWord(at: 2)), flags: message.payload.word(at: 8),
            mtu: Int(attributes[UInt16(IFLA_MTU)]?.word ?? 0))
        if let address = attributes[UInt16(IFLA_ADDRESS)]?.bytes, address.count == 6,
            address.contains(where: { $0 != 0 })
        {
            macAddress = address.reduce(0) { $0 << 8 | UInt64($1) }
        }
        masterIndex = attributes[UInt16(IFLA_MASTER)]?.word
        guard let details = attributes[UInt16(IFLA_LINKINFO)]?.nested else { return }
        virtualKind = details[UInt16(IFLA_INFO_KIND)]?.text
        portKind = details[UInt16(IFLA_INFO_SLAVE_KIND)]?.text
        if virtualKind == "macvlan" || virtualKind == "macvtap" {
            macvlanMode = details[UInt16(IFLA_INFO_DATA)]?.nested[UInt16(IFLA_MACVLAN_MODE)]?.word
        }
    }
}

extension NetworkLink {
    /// Flags of netdevice(7).
    package enum Flag {
        package static let up: UInt32 = 0x1
        package static let loopback: UInt32 = 0x8
        package static let pointToPoint: UInt32 = 0x10
        package static let running: UInt32 = 0x40
    }

    /// Whether frames can travel.
    package enum State: String, Sendable {
        case up
        /// It is switched on, and nobody is at the other end.
        case noCarrier = "no-carrier"
        case down
    }

    package var state: State {
        guard flags & Flag.up != 0 else { return .down }
        return flags & Flag.running != 0 ? .up : .noCarrier
    }

    package var isLoopback: Bool { flags & Flag.loopback != 0 }

    /// Whether it carries Ethernet frames to more than one other end.
    package var isEthernet: Bool { hardwareType == Int(ARPHRD_ETHER) && flags & Flag.pointToPoint == 0 }
}
