/// What root can have: a pair of interfaces to a router, which translates addresses in the kernel (nftables).
struct KernelNAT: Path {
    let id = "kernel-nat"
    let title = "veth, kernel NAT (root)"
    let role = PathRole.limit
    let programs = ["nft"]

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let router = try Namespace(guest: "router")
        let uplink = Numbering.next()
        try Namespace.host.shell("ip link add v\(uplink) type veth peer name outside netns \(router.path)")
        try router.configure("outside", address: "198.18.\(uplink).2/24", mtu: mtu)
        try Namespace.host.configure("v\(uplink)", address: "198.18.\(uplink).1/24", mtu: mtu)
        try router.shell(
            """
            echo 1 >/proc/sys/net/ipv4/ip_forward
            nft add table ip nat
            nft add chain ip nat out '{ type nat hook postrouting priority srcnat; }'
            nft add rule ip nat out oifname outside masquerade
            """)
        for (number, guest) in guests.enumerated() {
            try router.shell("ip link add down\(number) type veth peer name eth0 netns \(guest.path)")
            try router.configure("down\(number)", address: "10.0.\(number).1/24", mtu: mtu)
            try guest.configure("eth0", address: "10.0.\(number).2/24", gateway: "10.0.\(number).1", mtu: mtu)
        }
        return Attachment(
            host: "198.18.\(uplink).1", addresses: guests.indices.map { "10.0.\($0).2" }, carriers: [],
            through: [router])
    }
}
