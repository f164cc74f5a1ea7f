import VmnetWire

/// Who has, was offered, or had which address. Every operation takes the same time however large the pool is, and no
/// address is ever bound to two clients: a binding is found by its address, and a client has at most one.
///
/// What is free is not stored. Memory is bounded by `Limits`, whatever guests do.
struct LeaseTable: Sendable {
    struct Limits: Sendable {
        /// Addresses that are not free, in whatever state. At the limit the longest unused remembered one goes, then the
        /// oldest offer.
        var bindings = 65_536
        /// Clients remembered after their lease.
        var remembered = 4096

        init() {}
    }

    let pool: AddressPool
    /// Addresses that only their reservations' clients get; they may lie outside the pool.
    let reserved: Set<IPv4Address>
    let limits: Limits
    var bindings: [IPv4Address: Binding] = [:]
    var addressOfClient: [LeaseClient: IPv4Address] = [:]
    /// The address bound last among those of clients that share an identifier.
    var addressOfIdentifier: [DHCPClientIdentifier: IPv4Address] = [:]
    var stations = StationTable()
    /// Which addresses of the pool are reserved or bound.
    var used: AddressBitmap
    /// One for each state.
    var queues = [DeadlineQueue](repeating: DeadlineQueue(), count: Binding.State.allCases.count)
    /// Bindings in each state.
    var counts = [Int](repeating: 0, count: Binding.State.allCases.count)
    var lastStamp: UInt32 = 0
    var changes: [LeaseChange] = []

    init(pool: AddressPool, reserved: Set<IPv4Address>, limits: Limits) {
        self.pool = pool
        self.reserved = reserved
        self.limits = limits
        used = AddressBitmap(count: pool.count)
        for index in reserved.compactMap(pool.index) { used.insert(index) }
    }
}

extension LeaseTable {
    /// What the address is bound to; nil when it is free.
    func binding(at address: IPv4Address) -> Binding? { bindings[address] }

    func binding(of client: LeaseClient) -> Binding? {
        addressOfClient[client].flatMap { bindings[$0] }
    }

    /// Whether a client without any claim to it may have the address.
    func isFree(_ address: IPv4Address) -> Bool {
        pool.contains(address) && bindings[address] == nil && !reserved.contains(address)
    }

    func attachment(of station: MACAddress) -> DHCPAttachment? { stations.attachment(of: station) }

    /// The lowest free address of the pool.
    var lowestFree: IPv4Address? { used.lowestAbsent.map(pool.first.advanced) }

    func count(_ state: Binding.State) -> Int { counts[state.rawValue] }

    /// Leases that run, and ended ones that are remembered, by address.
    var leases: [Lease] {
        bindings.values.filter(\.isRecorded).map(\.lease).sorted { $0.address < $1.address }
    }

    /// Running leases that attached stations have leased last.
    var presentLeases: [(lease: Lease, attachment: DHCPAttachment)] {
        bindings.values.filter { $0.state == .leased && isHeldByStation($0) }
            .compactMap { binding in
                attachment(of: binding.lease.hardwareAddress).map { (binding.lease, $0) }
            }
    }

    /// When the next lease ends or is renewed, or an earlier moment.
    var nextDeadline: LeaseTime? { queues[Binding.State.leased.rawValue].first?.time }

    /// The attached station's last lease does not end.
    func isHeldByStation(_ binding: Binding) -> Bool {
        stations.attachment(of: binding.lease.hardwareAddress) != nil
            && stations.latestAddress(of: binding.lease.hardwareAddress) == binding.lease.address
    }
}
