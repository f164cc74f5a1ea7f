/// What perfdhcp says at its end.
package struct PerfDHCPReport: Equatable, Sendable {
    /// Complete four-way exchanges: ACKs that came.
    package let exchanges: Double

    /// Nil when it said nothing of the kind. `received packets:` comes once for DISCOVER-OFFER, once for REQUEST-ACK.
    package init?(parsing text: String) {
        let counts = text.split(separator: "\n").filter { $0.hasPrefix("received packets:") }
            .compactMap { Double($0.dropFirst("received packets:".count).filter { !$0.isWhitespace }) }
        guard counts.count == 2 else { return nil }
        exchanges = counts[1]
    }
}
