import OpenVmnet
import VmnetSystem

/// What `serve` and the service manager that started it do for each other, if one did: it passes sockets, keeps guests'
/// descriptors over a restart, and is told when guests can attach (sd_notify(3), sd_listen_fds(3)).
struct Supervision: ~Copyable {
    /// What nobody has taken yet. Sockets whose names begin with `control` are for the control socket.
    var passed = PassedDescriptors(Environment.value)
    private let notification: ServiceNotification?
    private let store: DescriptorStore?

    init() throws(SystemError) {
        let store = try DescriptorStore.connect(Environment.value)
        let notification = try ServiceNotification.connect(Environment.value)
        self.store = store
        self.notification = notification
    }

    /// Whether sockets were passed that guests come to.
    var hasSockets: Bool { passed.contains { !Self.isControl($0) && !Self.isGuest($0) } }

    /// Gives the network the guests that a predecessor left, then the sockets that were passed, then `points`.
    ///
    /// - Returns: where guests attach.
    mutating func listen(on points: [AttachmentPoint], _ network: Network) throws -> [AttachmentPoint] {
        let guests = passed.take(where: Self.isGuest)
        var resumed: Set<AttachmentPoint> = []
        if let store {
            resumed = try network.keepGuests(in: store, resuming: guests, listening: points)
        }
        let bound = try passed.take { !Self.isControl($0) }.map { AttachmentPoint(try network.listen(onPassed: $0)) }
        for point in points where !resumed.contains(point) {
            try network.listen(on: point.address, isolated: point.isIsolated)
        }
        return bound + points
    }

    /// Guests can attach.
    borrowing func reportReady(at points: [AttachmentPoint], of network: Network) throws(SystemError) {
        let list = points.map(\.description).joined(separator: ", ")
        let host = network.host.map { "the gateway is \($0.address)" } ?? "there is no gateway"
        try notification?.send(.ready, .status("Guests attach at \(list); \(host)"))
    }

    /// The network is about to stop.
    borrowing func reportStopping() throws(SystemError) {
        try notification?.send(.stopping)
    }

    /// The network has stopped: waits until the service manager knows of every guest.
    borrowing func end() {
        store?.end()
    }

    private static func isControl(_ name: String) -> Bool { name.hasPrefix("control") }
    private static func isGuest(_ name: String) -> Bool { name.hasPrefix(Network.storedGuestPrefix) }
}
