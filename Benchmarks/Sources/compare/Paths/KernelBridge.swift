/// What root can have: guests on a bridge in the kernel, and dnsmasq for their addresses.
struct KernelBridge: Path {
    let id = "kernel-bridge"
    let title = "kernel bridge, dnsmasq (root)"
    let role = PathRole.limit
    let programs = ["dnsmasq"]
    let joinsGuests = true
    let servesManyLeases = true

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let number = Numbering.next()
        let bridge = "br\(number)"
        try Namespace.host.shell("ip link add \(bridge) type bridge")
        for (place, guest) in guests.enumerated() {
            let port = "\(bridge)p\(place)"
            try Namespace.host.shell(
                """
                ip link add \(port) type veth peer name eth0 netns \(guest.path)
                ip link set \(port) mtu \(mtu) master \(bridge) up
                """)
            try guest.configure("eth0", address: "172.\(number).200.\(place + 1)/16", gateway: nil, mtu: mtu)
        }
        try Namespace.host.configure(bridge, address: "172.\(number).0.1/16", mtu: mtu)
        let server = try Namespace.host.start([
            "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=", "--port=0",
            "--pid-file=", "--interface=\(bridge)", "--bind-interfaces", "--no-ping", "--dhcp-authoritative",
            "--dhcp-lease-max=100000", "--dhcp-leasefile=\(Stage.path("leases"))",
            "--dhcp-range=172.\(number).0.2,172.\(number).199.255,255.255.0.0",
        ])
        try eventually("dnsmasq", within: 5) {
            try Namespace.host.shell("cat /proc/net/udp").contains(":0043 ")
        }
        return Attachment(
            host: "172.\(number).0.1", addresses: guests.indices.map { "172.\(number).200.\($0 + 1)" },
            carriers: [server])
    }
}
