public import VmnetWire

/// Everything a network is made from. A value of this type is consistent: it was checked when it was made.
public struct NetworkConfiguration: Equatable, Sendable {
    /// How the network reaches beyond its own segment.
    public var mode: OperationMode
    /// The network's addresses; nil = the first free /24, or none in a private network.
    public var addresses: AddressRange?
    /// Of a private network (host mode), which has no DHCP server; nil = it is none.
    public var identifier: NetworkIdentifier?
    /// The host's own address in a private network; nil = the host is not in it.
    public var host: HostAddress?
    /// The host's interface that guests are on the link of (bridged mode); nil = whoever makes the network chooses.
    public var interfaceName: String?
    /// Whether guests exchange frames with the gateway only, and in bridged mode with the physical network only.
    public var isIsolated: Bool
    /// The IPv6 /64 that guests get addresses in; nil = no IPv6.
    public var nat66Prefix: IPv6Address?
    /// The largest IP packet of the segment, in bytes: 1280...65521. In bridged mode the interface's is in its place.
    public var mtu: Int
    /// Whether guests reach services on the host's loopback at the gateway address.
    public var allowsHostLoopback: Bool
    /// Whether a guest may send from its own MAC address and its leased addresses only.
    public var locksLeases: Bool
    /// Whether the addresses may be ones that an interface or a route of this host uses already.
    public var allowsUsedSubnet: Bool
    /// Whether addresses that were asked for must be no other network's of this user; networks that share them do not meet.
    public var requiresOwnSubnet = false
    /// What the network is called: letters, digits, `.`, `_` and `-`.
    public var name: String

    /// Addresses that the DHCP server keeps for certain guests. They are checked when the network is made.
    public var reservations: [AddressReservation] = []
    /// Ports of this host that lead to guests from the beginning.
    public var forwards: [PortForward] = []
    /// Whether the network gives its guests addresses. Without, `addresses` is what guests choose theirs from by themselves.
    public var servesDHCP = true
    /// Whether the gateway is a name server, in shared mode, and guests are told so.
    public var proxiesDNS = true
    /// Whether guests reach beyond the host by IPv4, in shared mode. Without, such packets are answered as in host mode.
    public var translatesIPv4 = true
    /// Whether guests reach beyond the host by IPv6, in shared mode with a prefix.
    public var translatesIPv6 = true
    /// Whether guests are told by router advertisements which prefix and router they have, in networks with a prefix.
    public var advertisesRouter = true

    /// MTUs that a network can have. The least is IPv6's (RFC 8200, section 5), the most is libslirp's.
    public static let mtuRange = 1280...65521

    /// A network of these parts, checked against each other.
    ///
    /// - Parameters:
    ///   - mode: `.shared` or `.host`.
    ///   - addresses: the gateway, the DHCP pool and the subnet; nil = the first free /24, or none in a private network.
    ///   - identifier: makes it a private network (host mode), which has no DHCP server.
    ///   - host: the host's own address in a private network; nil = the host is not in it.
    ///   - isIsolated: whether guests exchange frames with the gateway only.
    ///   - nat66Prefix: the /64 under fd00::/8 that guests get IPv6 addresses in (shared mode); nil = no IPv6.
    ///   - mtu: the largest IP packet, in bytes, of `mtuRange`.
    ///   - name: what the network is called; nil = its identifier, or else its mode.
    ///   - allowsHostLoopback: whether guests reach host services at the gateway address.
    ///   - locksLeases: whether a guest may send from its own MAC address and its leased addresses only.
    ///   - allowsUsedSubnet: whether addresses that were asked for may be ones that this host uses.
    /// - Throws: `.invalidConfiguration`, naming the option in QEMU's words.
    public init(
        mode: OperationMode, addresses: AddressRange? = nil, identifier: NetworkIdentifier? = nil,
        host: HostAddress? = nil, isIsolated: Bool = false, nat66Prefix: IPv6Address? = nil, mtu: Int = 1500,
        name: String? = nil, allowsHostLoopback: Bool = true, locksLeases: Bool = false, allowsUsedSubnet: Bool = false
    ) throws(VmnetError) {
        var options = NetworkOptions()
        try options.set(.mode, to: mode.rawValue)
        if let addresses {
            try options.set(.startAddress, to: addresses.start.description)
            try options.set(.endAddress, to: addresses.end.description)
            try options.set(.subnetMask, to: addresses.subnet.mask.description)
        }
        if let identifier { try options.set(.netUUID, to: identifier.description) }
        if let host {
            try options.set(.hostIP, to: host.address.description)
            try options.set(.hostMask, to: host.subnet.mask.description)
        }
        if isIsolated { try options.set(.isolated, to: "on") }
        if let nat66Prefix { try options.set(.nat66Prefix, to: nat66Prefix.description) }
        try options.set(.mtu, to: "\(mtu)")
        try self.init(
            options: options, name: name, allowsHostLoopback: allowsHostLoopback, locksLeases: locksLeases,
            allowsUsedSubnet: allowsUsedSubnet)
    }

    /// Checks the options against each other.
    ///
    /// - Parameters:
    ///   - options: as given; what is missing gets its default.
    ///   - name: what the network is called; nil = its identifier, or else its mode.
    ///   - allowsHostLoopback: whether guests reach host services at the gateway address.
    ///   - locksLeases: whether a guest may send from its own MAC address and its leased addresses only.
    ///   - allowsUsedSubnet: whether addresses that were asked for may be ones that this host uses.
    /// - Throws: `.invalidConfiguration`, in QEMU's words where QEMU has them.
    public init(
        options: NetworkOptions = NetworkOptions(), name: String? = nil, allowsHostLoopback: Bool = true,
        locksLeases: Bool = false, allowsUsedSubnet: Bool = false
    ) throws(VmnetError) {
        mode = try Self.mode(options)
        try Self.checkApplicability(of: options, in: mode)
        addresses = try Self.addresses(options)
        identifier = try Self.identifier(options)
        host = try Self.host(options)
        interfaceName = options[.ifname]
        isIsolated = try Self.isIsolated(options)
        nat66Prefix = try Self.nat66Prefix(options)
        mtu = try Self.mtu(options)
        self.allowsHostLoopback = allowsHostLoopback
        self.locksLeases = locksLeases
        self.allowsUsedSubnet = allowsUsedSubnet
        self.name = try Self.checked(name: name.map(Self.canonical) ?? identifier?.description ?? mode.rawValue)
        try checkPrivacy()
        try checkBridge()
    }

    private static func mode(_ options: NetworkOptions) throws(VmnetError) -> OperationMode {
        guard let text = options[.mode] else { return .shared }
        guard let mode = OperationMode(rawValue: text) else {
            throw VmnetError(
                .invalidConfiguration, "Parameter 'mode' does not accept value '\(text)'",
                hint: "expected shared, host or bridged")
        }
        return mode
    }

    /// QEMU's netdev types have these options and no others (qapi/net.json).
    private static func checkApplicability(of options: NetworkOptions, in mode: OperationMode) throws(VmnetError) {
        let foreign: [NetworkOption] =
            switch mode {
            case .shared: [.netUUID, .hostIP, .hostMask, .ifname]
            case .host: [.nat66Prefix, .ifname]
            case .bridged:
                [.startAddress, .endAddress, .subnetMask, .netUUID, .hostIP, .hostMask, .nat66Prefix, .mtu]
            }
        if let option = foreign.first(where: { options[$0] != nil }) {
            throw VmnetError(
                .invalidConfiguration, "Parameter '\(option.rawValue)' is unexpected",
                hint: "'\(option.rawValue)' is not an option of mode '\(mode.rawValue)'")
        }
    }

    /// A private network has no DHCP server, and so neither a range nor leases; nothing else has an address of the
    /// host's own (vmnet_host_ip_address_key).
    private func checkPrivacy() throws(VmnetError) {
        guard identifier != nil else {
            guard host == nil else {
                throw VmnetError(
                    .invalidConfiguration, "'host-ip' is given without 'net-uuid'",
                    hint: "add net-uuid; any other network has its gateway at start-address")
            }
            return
        }
        guard addresses == nil else {
            throw VmnetError(
                .invalidConfiguration, "'start-address' and 'net-uuid' contradict each other",
                hint: "a network with net-uuid has no DHCP server; host-ip and host-mask put the host in it")
        }
        guard !locksLeases else {
            throw VmnetError(
                .invalidConfiguration, "'lock-leases' and 'net-uuid' contradict each other",
                hint: "a network with net-uuid has no DHCP server, and so no leases")
        }
    }

    /// Who is on the physical network gets addresses there, of which this network knows nothing.
    private func checkBridge() throws(VmnetError) {
        guard mode == .bridged, locksLeases else { return }
        throw VmnetError(
            .invalidConfiguration, "'lock-leases' and mode 'bridged' contradict each other",
            hint: "a bridged network has no DHCP server of its own, and so no leases; 'isolated' keeps guests apart")
    }

    private static func identifier(_ options: NetworkOptions) throws(VmnetError) -> NetworkIdentifier? {
        guard let text = options[.netUUID] else { return nil }
        guard let identifier = NetworkIdentifier(text) else {
            throw VmnetError(
                .invalidConfiguration, "Invalid UUID provided in 'net-uuid'",
                hint: "'\(text)' is none; uuidgen makes one, as in 3c1f9d2e-5b7a-4e0c-9a41-0d8e6f7b2c35")
        }
        return identifier
    }

    private static func host(_ options: NetworkOptions) throws(VmnetError) -> HostAddress? {
        let given = [NetworkOption.hostIP, .hostMask].filter { options[$0] != nil }
        if given.isEmpty { return nil }
        guard let own = try address(.hostIP, in: options), let mask = try address(.hostMask, in: options) else {
            throw VmnetError(
                .invalidConfiguration, "'host-ip' and 'host-mask' should be provided together",
                hint: "as in host-ip=192.168.128.1,host-mask=255.255.255.0")
        }
        return try HostAddress(address: own, mask: mask)
    }

    private static func addresses(_ options: NetworkOptions) throws(VmnetError) -> AddressRange? {
        let given = [NetworkOption.startAddress, .endAddress, .subnetMask].filter { options[$0] != nil }
        if given.isEmpty { return nil }
        guard let start = try address(.startAddress, in: options), let end = try address(.endAddress, in: options),
            let mask = try address(.subnetMask, in: options)
        else {
            throw VmnetError(
                .invalidConfiguration, "'start-address', 'end-address', 'subnet-mask' should be provided together")
        }
        return try AddressRange(start: start, end: end, mask: mask)
    }

    private static func address(
        _ option: NetworkOption, in options: NetworkOptions
    ) throws(VmnetError) -> IPv4Address? {
        guard let text = options[option] else { return nil }
        guard let address = IPv4Address(text) else {
            throw VmnetError(
                .invalidConfiguration, "'\(option.rawValue)' \(text) is not an IPv4 address",
                hint: "write four decimal numbers, as in 192.168.105.1")
        }
        return address
    }

    private static func isIsolated(_ options: NetworkOptions) throws(VmnetError) -> Bool {
        switch options[.isolated] {
        case nil, "off", "no", "false", "n": return false
        case "on", "yes", "true", "y": return true
        case let text?:
            throw VmnetError(
                .invalidConfiguration, "Parameter 'isolated' expects 'on' or 'off', not '\(text)'")
        }
    }

    private static func nat66Prefix(_ options: NetworkOptions) throws(VmnetError) -> IPv6Address? {
        guard let text = options[.nat66Prefix] else { return nil }
        guard let prefix = IPv6Address(text.hasSuffix("/64") ? String(text.dropLast(3)) : text), prefix.low == 0,
            prefix.high >> 56 == 0xfd
        else {
            throw VmnetError(
                .invalidConfiguration, "'nat66-prefix' \(text) is not a unique local /64 prefix",
                hint: "use a prefix under fd00::/8 with its last 64 bits zero, as in fd12:3456:789a::")
        }
        return prefix
    }

    private static func mtu(_ options: NetworkOptions) throws(VmnetError) -> Int {
        guard let text = options[.mtu] else { return 1500 }
        guard let mtu = Int(text), mtuRange.contains(mtu) else {
            throw VmnetError(
                .invalidConfiguration, "'mtu' \(text) is not a number of bytes the network can carry",
                hint: "use a number from \(mtuRange.lowerBound) to \(mtuRange.upperBound); the usual one is 1500")
        }
        return mtu
    }

    /// A network's name as it is kept: a UUID in upper case, as private networks are called, and any other as it is.
    package static func canonical(name: String) -> String { NetworkIdentifier(name)?.description ?? name }

    /// A name becomes part of paths, so it must be a plain one.
    static func checked(name: String) throws(VmnetError) -> String {
        let isPlain = name.utf8.allSatisfy { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20)
                || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) || ".-_".utf8.contains(byte)
        }
        guard isPlain, (1...64).contains(name.utf8.count), name.first != ".", name.first != "-" else {
            throw VmnetError(
                .invalidConfiguration, "'\(name)' cannot be the name of a network",
                hint: "use up to 64 letters, digits, '.', '_' or '-', the first a letter, digit or '_'")
        }
        return name
    }
}
