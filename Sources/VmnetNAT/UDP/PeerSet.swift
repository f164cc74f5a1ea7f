import VmnetWire

/// The addresses that a guest's port has sent to, and may be answered from (RFC 4787, 5, REQ-8: address-dependent
/// filtering); see `UDPPath.identity` for peers on the host itself.
///
/// Bounded: of very many, those are forgotten first that were not sent to for longest. A port with one peer costs no
/// memory beyond this value.
struct PeerSet {
    /// Addresses after which those before the last so many are forgotten.
    static let generationCapacity = 64

    /// The address sent to last.
    private var latest: IPv6Address
    /// Empty as long as there is only one.
    private var recent: Set<IPv6Address> = []
    private var older: Set<IPv6Address> = []

    init(_ first: IPv6Address) {
        latest = first
    }

    @inline(__always)
    mutating func insert(_ address: IPv6Address) {
        if address != latest { remember(address) }
    }

    @inline(__always)
    func contains(_ address: IPv6Address) -> Bool {
        address == latest || recent.contains(address) || older.contains(address)
    }

    @inline(never)
    private mutating func remember(_ address: IPv6Address) {
        if recent.count + 2 > Self.generationCapacity {
            older = recent
            recent = []
        }
        recent.insert(latest)
        recent.insert(address)
        latest = address
    }
}
