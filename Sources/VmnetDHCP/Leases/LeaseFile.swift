import VmnetWire

/// The text that leases are kept in: dnsmasq's lease file, which other tools read.
///
/// ```
/// 1767225600 52:54:00:12:34:56 192.168.64.2 debian 01:52:54:00:12:34:56
/// expiry, seconds since 1970 (0: never); hardware address; address; host name or *; client identifier or *
/// ```
///
/// An expiry in the past is a client that is remembered. The journal has the same lines, in order of time: a later line
/// for an address replaces an earlier one, and `- 192.168.64.2` takes it out. Reading a file and then its journal gives
/// the leases as they were last.
package struct LeaseFile: Sendable {
    private var leaseAt: [IPv4Address: Lease] = [:]
    /// Lines that made no sense.
    package private(set) var damagedLineCount = 0

    package init() {}

    /// By address.
    package var leases: [Lease] { leaseAt.values.sorted { $0.address < $1.address } }

    /// Reads a file, or a journal on top of what was read before. Lines that make no sense are skipped and counted, a
    /// last line without newline among them: it was being written when the power went.
    package mutating func read(_ bytes: Span<UInt8>) {
        var start = 0
        for index in bytes.indices where bytes[index] == UInt8(ascii: "\n") {
            readLine(bytes.extracting(start..<index))
            start = index + 1
        }
        if start < bytes.count { damagedLineCount += 1 }
    }

    /// Longer than any line of ours: five fields, of which the longest is an identifier of 255 bytes.
    private static let longestLine = 1024

    private mutating func readLine(_ bytes: Span<UInt8>) {
        guard bytes.count > 0 else { return }
        guard bytes.count <= Self.longestLine,
            let change = Self.change(ofLine: String(decoding: Array(copying: bytes), as: UTF8.self))
        else {
            damagedLineCount += 1
            return
        }
        switch change {
        case .set(let lease): leaseAt[lease.address] = lease
        case .forget(let address): leaseAt[address] = nil
        }
    }

    /// What a line says; nil when it makes no sense.
    static func change(ofLine line: String) -> LeaseChange? {
        let fields = line.split(separator: " ", omittingEmptySubsequences: false).map(String.init)
        if fields.count == 2, fields[0] == "-" { return IPv4Address(fields[1]).map(LeaseChange.forget) }
        guard fields.count == 5, let seconds = Int64(fields[0]), seconds >= 0,
            let hardwareAddress = MACAddress(fields[1]), let address = IPv4Address(fields[2])
        else { return nil }
        let identifier = DHCPClientIdentifier(fields[4])
        guard identifier != nil || fields[4] == "*" else { return nil }
        return .set(
            Lease(
                address: address, hardwareAddress: hardwareAddress, identifier: identifier,
                hostName: HostName(sanitizing: fields[3]),
                expiry: seconds == 0 ? .never : LeaseTime(secondsSince1970: seconds)))
    }
}

extension LeaseFile {
    /// A whole file, by address.
    package static func text(of leases: [Lease]) -> String {
        leases.sorted { $0.address < $1.address }.map(line).joined()
    }

    /// Lines to append to the journal.
    package static func text(of changes: [LeaseChange]) -> String {
        changes.map { change in
            switch change {
            case .set(let lease): line(lease)
            case .forget(let address): "- \(address)\n"
            }
        }.joined()
    }

    private static func line(_ lease: Lease) -> String {
        // 0 says never, so a lease that ended at or before the epoch ends a second later.
        let seconds = lease.expiry == .never ? 0 : max(1, lease.expiry.secondsSince1970)
        let name = lease.hostName?.text ?? "*"
        let identifier = lease.identifier?.description ?? "*"
        return "\(seconds) \(lease.hardwareAddress) \(lease.address) \(name) \(identifier)\n"
    }
}
