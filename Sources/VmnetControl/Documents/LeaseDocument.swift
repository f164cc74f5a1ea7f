package import OpenVmnet

/// One lease.
package struct LeaseDocument: Codable, Equatable, Sendable {
    package var address: String
    package var mac: String
    /// As the guest calls itself; missing when it does not say.
    package var name: String?
    /// Option 61, in hexadecimal; missing when the guest sends none.
    package var clientIdentifier: String?
    /// Seconds since 1970; missing: never.
    package var expiry: Int64?
    /// Whether it runs; one that has ended is remembered for its client's return.
    package var running: Bool

    package init(
        address: String, mac: String, name: String?, clientIdentifier: String?, expiry: Int64?, running: Bool
    ) {
        self.address = address
        self.mac = mac
        self.name = name
        self.clientIdentifier = clientIdentifier
        self.expiry = expiry
        self.running = running
    }

    /// - Parameter now: seconds since 1970.
    package init(_ lease: LeaseRecord, now: Int64) {
        self.init(
            address: "\(lease.address)", mac: "\(lease.macAddress)", name: lease.hostName,
            clientIdentifier: lease.clientIdentifier, expiry: lease.expiry, running: lease.isRunning(at: now))
    }
}

/// `GET /v1/leases`.
package struct LeasesDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    package var leases: [LeaseDocument]

    package init(leases: [LeaseDocument]) {
        self.leases = leases
    }
}
