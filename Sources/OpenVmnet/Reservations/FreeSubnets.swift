import VmnetWire

/// The /24 networks that a mode may choose from by itself, less those that this host uses.
struct FreeSubnets: Sequence {
    private let mode: OperationMode
    private let used: [IPv4Subnet]

    /// - Parameter used: networks of the host's interfaces and routes.
    init(for mode: OperationMode, avoiding used: [IPv4Subnet]) {
        self.mode = mode
        self.used = used
    }

    /// From 192.168.64.0 (shared) or 192.168.128.0 (host) upwards, as vmnet does.
    func makeIterator() -> some IteratorProtocol<IPv4Subnet> {
        let first: UInt32 = mode == .host ? 128 : 64
        return (first...255).lazy
            .compactMap { IPv4Subnet(containing: IPv4Address(bits: 0xc0a8_0000 | $0 << 8), prefixLength: 24) }
            .filter { candidate in !used.contains { $0.overlaps(candidate) } }
            .makeIterator()
    }
}
