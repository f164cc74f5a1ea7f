import VmnetWire

/// Which stations (hardware addresses) with a binding are present, and where.
///
/// Stations without a binding are not kept: what a guest can add here is bounded by the bindings it gets.
struct StationTable: Sendable {
    private struct Station {
        var attachment: DHCPAttachment?
        /// It was attached, and its attachment went: it is not merely unseen yet.
        var hasDeparted = false
        /// The address leased last.
        var latest: IPv4Address?
        var bindingCount = 0
    }

    private var stations: [MACAddress: Station] = [:]
    private var present: [DHCPAttachment: Set<MACAddress>] = [:]

    /// Where the station is; nil when it is not known to be anywhere.
    func attachment(of station: MACAddress) -> DHCPAttachment? { stations[station]?.attachment }

    /// The stations that are there.
    func stations(on attachment: DHCPAttachment) -> Set<MACAddress> { present[attachment] ?? [] }

    /// Whether the station was seen to go, and not to come back.
    func hasDeparted(_ station: MACAddress) -> Bool { stations[station]?.hasDeparted ?? false }

    /// The address that the station leased last, as long as that binding exists.
    func latestAddress(of station: MACAddress) -> IPv4Address? { stations[station]?.latest }

    mutating func addBinding(of station: MACAddress) {
        stations[station, default: Station()].bindingCount += 1
    }

    mutating func removeBinding(of station: MACAddress, at address: IPv4Address) {
        guard var entry = stations[station] else { return }
        entry.bindingCount -= 1
        if entry.latest == address { entry.latest = nil }
        guard entry.bindingCount == 0 else {
            stations[station] = entry
            return
        }
        leave(station, entry.attachment)
        stations[station] = nil
    }

    mutating func noteLease(of station: MACAddress, at address: IPv4Address) {
        stations[station]?.latest = address
    }

    /// The station was seen on `attachment`, and so is no longer anywhere else.
    mutating func arrive(_ station: MACAddress, on attachment: DHCPAttachment) {
        guard let entry = stations[station], entry.attachment != attachment else { return }
        leave(station, entry.attachment)
        stations[station]?.attachment = attachment
        stations[station]?.hasDeparted = false
        present[attachment, default: []].insert(station)
    }

    /// The attachment is gone.
    ///
    /// - Returns: the stations that were there.
    mutating func depart(_ attachment: DHCPAttachment) -> Set<MACAddress> {
        let gone = present.removeValue(forKey: attachment) ?? []
        for station in gone {
            stations[station]?.attachment = nil
            stations[station]?.hasDeparted = true
        }
        return gone
    }

    private mutating func leave(_ station: MACAddress, _ attachment: DHCPAttachment?) {
        guard let attachment else { return }
        present[attachment]?.remove(station)
        if present[attachment]?.isEmpty == true { present[attachment] = nil }
    }
}
