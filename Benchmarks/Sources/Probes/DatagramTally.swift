/// What came of one flow of numbered datagrams.
package struct DatagramTally: Sendable {
    /// Numbers from here on are nobody's: so much memory is enough.
    private static let mostNumbers: UInt64 = 1 << 26

    private let flow: UInt64
    /// A bit for each number that has come.
    private var seen: [UInt64] = []
    /// Datagrams of the flow, each counted once.
    package private(set) var received = 0
    /// Those that came again.
    package private(set) var duplicates = 0
    /// Datagrams of other flows, or from other peers.
    package private(set) var strangers = 0

    package init(of flow: UInt64) {
        self.flow = flow
    }

    /// Counts one datagram.
    ///
    /// - Parameters:
    ///   - flow: what it says that it belongs to.
    ///   - isFromPeer: whether it came from where the flow's do.
    package mutating func count(_ number: UInt64, of flow: UInt64, isFromPeer: Bool = true) {
        guard flow == self.flow, isFromPeer, number < Self.mostNumbers else {
            strangers += 1
            return
        }
        let (word, bit) = (Int(number >> 6), UInt64(1) << (number & 63))
        while word >= seen.count { seen.append(contentsOf: repeatElement(0, count: max(1024, seen.count))) }
        if seen[word] & bit == 0 { received += 1 } else { duplicates += 1 }
        seen[word] |= bit
    }
}
