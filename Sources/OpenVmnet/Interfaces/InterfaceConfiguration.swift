public import VmnetWire

/// What an interface is asked to be. Everything has a default.
public struct InterfaceConfiguration: Equatable, Sendable {
    /// The interface's identity; nil = a new one. The same identity gets the same MAC address, and so the same lease.
    public var id: InterfaceID?
    /// The address that the guest is to use; nil = one that is made from the identity.
    public var macAddress: MACAddress?
    /// Whether it exchanges frames with the gateway only; in an isolated network all do.
    public var isIsolated: Bool
    /// Whether segments of a TCP stream may travel as one packet of up to 64 KiB, both ways, which the network cuts where
    /// somebody cannot take it. Without a virtio-net header their checksums are whole, and what the interface sends is cut
    /// as the MTU asks for.
    public var enablesTSO: Bool
    /// Whether the network completes the checksums of TCP and UDP in what the interface sends. What it gets is complete.
    public var enablesChecksumOffload: Bool
    /// Whether 12 bytes of `virtio_net_hdr_v1` stand before every packet, both ways: then a checksum may be left partial, and
    /// with TSO the header says where segments are cut. Not together with `enablesChecksumOffload`.
    public var hasVirtioHeader: Bool

    /// What is left out is what a plain Ethernet interface has.
    public init(
        id: InterfaceID? = nil, macAddress: MACAddress? = nil, isIsolated: Bool = false, enablesTSO: Bool = false,
        enablesChecksumOffload: Bool = false, hasVirtioHeader: Bool = false
    ) {
        self.id = id
        self.macAddress = macAddress
        self.isIsolated = isIsolated
        self.enablesTSO = enablesTSO
        self.enablesChecksumOffload = enablesChecksumOffload
        self.hasVirtioHeader = hasVirtioHeader
    }

    /// - Throws: `.invalidArgument` for options that exclude each other, or an address that no interface can have.
    func check() throws(VmnetError) {
        guard !hasVirtioHeader || !enablesChecksumOffload else {
            throw VmnetError(
                .invalidArgument, "a virtio-net header and checksum offload exclude each other",
                hint: "ask for one of them; a virtio-net header has checksum offload in it")
        }
        if let macAddress, macAddress.isMulticast || macAddress == .zero {
            throw VmnetError(
                .invalidArgument, "\(macAddress) cannot be the address of an interface",
                hint: "its first octet has to be even, and it cannot be all zeros")
        }
    }
}
