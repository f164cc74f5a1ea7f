/// What root can have on a physical network: the wire and the guest's interface in a bridge of the kernel.
struct KernelBridgeLAN: LANPath {
    let id = "kernel-bridge-lan"
    let title = "kernel bridge on the wire (root)"
    let role = PathRole.limit
    let programs: [String] = []

    func attach(_ guests: [Namespace], mtu: Int) throws -> Attachment {
        let number = Numbering.next()
        let wire = try wire(to: guests[1], number, mtu: mtu)
        try Namespace.host.shell(
            """
            ip link add lan\(number) type bridge
            ip link add g\(number) type veth peer name eth0 netns \(guests[0].path)
            ip link set \(wire) master lan\(number)
            ip link set g\(number) mtu \(mtu) master lan\(number) up
            ip link set lan\(number) up
            """)
        try guests[0].configure("eth0", address: "172.\(number).0.2/16", mtu: mtu)
        return Attachment(
            host: "172.\(number).0.1", addresses: ["172.\(number).0.2", "172.\(number).0.1"], carriers: [])
    }
}
