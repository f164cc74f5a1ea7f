import CVmnet
import OpenVmnet
import VmnetWire

/// A port of this host, at all its IPv4 addresses, that leads to a port of a guest.
struct ForwardingRule: Equatable, Sendable {
    /// IPPROTO_TCP or IPPROTO_UDP.
    let protocolNumber: UInt8
    let externalPort: UInt16
    let internalAddress: IPv4Address
    let internalPort: UInt16

    /// - Throws: `.invalidArgument` for any other protocol, and for ports that are 0.
    init(
        protocolNumber: UInt8, externalPort: UInt16, internalAddress: IPv4Address, internalPort: UInt16
    ) throws(VmnetError) {
        try Self.check(protocolNumber: protocolNumber, externalPort: externalPort)
        guard internalPort != 0 else {
            throw VmnetError(.invalidArgument, "the internal port of a forward is 0", hint: "name the guest's port")
        }
        self.protocolNumber = protocolNumber
        self.externalPort = externalPort
        self.internalAddress = internalAddress
        self.internalPort = internalPort
    }

    static func check(protocolNumber: UInt8, externalPort: UInt16) throws(VmnetError) {
        guard protocolNumber == IPPROTO_TCP || protocolNumber == IPPROTO_UDP else {
            throw VmnetError(
                .invalidArgument, "protocol \(protocolNumber) cannot be forwarded",
                hint: "use IPPROTO_TCP (\(IPPROTO_TCP)) or IPPROTO_UDP (\(IPPROTO_UDP))")
        }
        guard externalPort != 0 else {
            throw VmnetError(.invalidArgument, "the external port of a forward is 0", hint: "name a port of this host")
        }
    }

    /// Whether this is the rule with that port of the host.
    func has(protocolNumber: UInt8, externalPort: UInt16) -> Bool {
        self.protocolNumber == protocolNumber && self.externalPort == externalPort
    }

    /// As the network takes it.
    func forward() throws(VmnetError) -> PortForward {
        let name = protocolNumber == IPPROTO_TCP ? "tcp" : "udp"
        return try PortForward("\(name):0.0.0.0:\(externalPort):\(internalAddress):\(internalPort)")
    }
}

/// Rules as programs hold them: what vmnet_port_forwarding_rule_get_details reads.
extension ForwardingRule {
    private static let protocolKey = XPCBytes.text("protocol")
    private static let externalPortKey = XPCBytes.text("external_port")
    private static let internalAddressKey = XPCBytes.text("internal_address")
    private static let internalPortKey = XPCBytes.text("internal_port")

    var object: XPCObject {
        let object = XPCObject.dictionary()
        // Safety: the keys live as long as the program.
        unsafe object.set(Self.protocolKey.string, .uint64(Int(protocolNumber)))
        unsafe object.set(Self.externalPortKey.string, .uint64(Int(externalPort)))
        unsafe object.set(Self.internalAddressKey.string, .uint64(Int(internalAddress.bits)))
        unsafe object.set(Self.internalPortKey.string, .uint64(Int(internalPort)))
        return object
    }

    /// nil for what is no rule.
    init?(_ object: XPCObject) {
        // Safety: the keys live as long as the program.
        guard let number = unsafe object.value(for: Self.protocolKey.string)?.uint64Value,
            let external = unsafe object.value(for: Self.externalPortKey.string)?.uint64Value,
            let address = unsafe object.value(for: Self.internalAddressKey.string)?.uint64Value,
            let port = unsafe object.value(for: Self.internalPortKey.string)?.uint64Value,
            let protocolNumber = UInt8(exactly: number), let externalPort = UInt16(exactly: external),
            let bits = UInt32(exactly: address), let internalPort = UInt16(exactly: port)
        else { return nil }
        try? self.init(
            protocolNumber: protocolNumber, externalPort: externalPort, internalAddress: IPv4Address(bits: bits),
            internalPort: internalPort)
    }
}
