/// A parser and what must hold for it, whatever the bytes.
struct FuzzTarget: Sendable {
    /// As in FUZZ_TARGET, and the seeds' folder.
    let name: String
    /// Stops the process when something does not hold.
    let check: @Sendable (Span<UInt8>) -> Void

    /// Each parser of bytes that a guest may send, or that a file or a person may hand us.
    static let all: [FuzzTarget] = [
        // VmnetWire
        .ethernet, .arp, .ipv4, .ipv6, .udp, .tcp, .icmp, .virtioNet, .partialChecksum, .checksum, .addresses,
        .dhcpMessage, .dhcpOptions, .superFrame, .fragmentedPacket, .coalescer,
        // VmnetDHCP
        .leaseFile,
        // CBridge
        .bridgePolicy,
        // VmnetPorts
        .streamFraming, .packet, .packets, .datagramRun,
        // VmnetControl
        .httpHead, .portNumber,
        // VmnetNAT
        .guestFilter, .fragments, .datagrams, .resolver, .relay,
        // OpenVmnet
        .sourceGuard, .json, .attachRequest, .attachAnswer,
    ]
}

/// Ends the run with a finding unless `condition` holds.
func require(_ condition: Bool, _ message: @autoclosure () -> String) {
    guard condition else { fatalError(message()) }
}

/// Whether the bytes of `left` are those of `right`.
func equal(_ left: Span<UInt8>, _ right: Span<UInt8>) -> Bool {
    guard left.count == right.count else { return false }
    for index in left.indices where left[index] != right[index] { return false }
    return true
}
