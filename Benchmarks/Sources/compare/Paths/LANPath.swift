/// A path to a physical network: of two guests the second stands for that network, at the other end of a wire.
protocol LANPath: Path {}

extension LANPath {
    /// The wire's end at the host: a pair of interfaces, of which `station` has the other one, with an address.
    func wire(to station: Namespace, _ number: Int, mtu: Int) throws -> String {
        let end = "w\(number)"
        try Namespace.host.shell(
            """
            ip link add \(end) type veth peer name eth0 netns \(station.path)
            echo 1 >/proc/sys/net/ipv6/conf/\(end)/disable_ipv6
            ip link set \(end) mtu \(mtu) up
            """)
        try station.configure("eth0", address: "172.\(number).0.1/16", mtu: mtu)
        return end
    }
}
