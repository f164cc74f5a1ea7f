import VmnetPorts
import VmnetSystem

/// The guests whose descriptors the service manager keeps, by the names that it keeps them under: `guest-3`,
/// `guest-isolated-4` for one that has nothing to do with the others, and for a TAP interface that the network makes
/// itself, `guest-tap-` with a hash of its address.
struct GuestStore {
    /// Where this network leaves what its successor needs.
    let handoverPath: String
    private let store: DescriptorStore
    private var lastNumber: UInt64 = 0
    /// What a predecessor has had stored, and nobody has asked for yet.
    private var inherited: Set<String>

    /// - Parameter inherited: the names of what a predecessor left.
    init(_ store: DescriptorStore, handoverPath: String, inherited: [String]) {
        self.store = store
        self.handoverPath = handoverPath
        self.inherited = Set(inherited)
        let numbers = inherited.filter { !Self.isOwnTap($0) }
            .compactMap { $0.split(separator: "-").last.flatMap { UInt64($0) } }
        lastNumber = numbers.max() ?? 0
    }

    /// What the guest of an address is called that the network makes itself; nil when guests come there.
    static func name(of address: ListenAddress) -> String? {
        guard case .tap = address else { return nil }
        var hash = StableHash()
        hash.combine(address.description.utf8)
        return tapPrefix + String(hash.value, radix: 16)
    }

    /// Whether the name is that of a TAP interface which some network has made.
    static func isOwnTap(_ name: String) -> Bool { name.hasPrefix(tapPrefix) }

    /// Whether the name is that of a guest which is isolated, and has come by itself.
    static func isIsolated(_ name: String) -> Bool { name.hasPrefix(isolatedPrefix) }

    private static let isolatedPrefix = Network.storedGuestPrefix + "isolated-"
    private static let tapPrefix = Network.storedGuestPrefix + "tap-"

    /// Keeps the transport's descriptor, unless that is done already. Returns what it is called; nil when it cannot be kept.
    ///
    /// - Parameter name: nil: the next number.
    mutating func store(_ transport: any Transport, as name: String?, isIsolated: Bool) -> String? {
        if let name, inherited.remove(name) != nil { return name }
        guard transport.remainder() != nil else { return nil }
        let prefix = isIsolated ? Self.isolatedPrefix : Network.storedGuestPrefix
        let name = name ?? "\(prefix)\(lastNumber + 1)"
        guard let descriptor = transport.descriptor, store.store(descriptor, name: name) else { return nil }
        lastNumber += 1
        return name
    }

    func remove(_ name: String) {
        store.remove(name: name)
    }
}
