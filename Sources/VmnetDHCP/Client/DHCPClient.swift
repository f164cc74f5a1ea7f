package import VmnetWire

/// A DHCP client (RFC 2131, 4.4) for the interface of one guest, without Rapid Commit and without INIT-REBOOT: the
/// server remembers the client anyway.
///
/// The caller sends what `nextMessage` returns, calls it again at `deadline`, and passes every message to port 68 to
/// `receive`. Times count from any one moment, as a monotonic clock does.
package struct DHCPClient: Sendable {
    package enum State: Equatable, Sendable {
        /// Asking who has an address. Any offer is taken: there is one server.
        case selecting
        /// Has chosen an offer and waits for its ACK; after a few attempts it begins anew.
        case requesting(DHCPClientLease)
        /// Has an address; silent until T1.
        case bound(DHCPClientLease)
        /// Asks its server for more time, from T1 to T2.
        case renewing(DHCPClientLease)
        /// Asks any server for more time, from T2 to the end of the lease.
        case rebinding(DHCPClientLease)
    }

    /// What a message changed.
    package enum Event: Equatable, Sendable {
        /// Nothing: it was not for this client, or said nothing of use.
        case ignored
        /// Another message is due.
        case proceeding
        /// The interface is to be configured; or the lease goes on, perhaps with other parameters.
        case bound(DHCPClientLease)
        /// The server refused. An address in use has to be given up; the client begins anew.
        case refused
    }

    /// A message and where it goes.
    package struct Transmission: Equatable, Sendable {
        package let message: DHCPMessage
        /// The limited broadcast address, or the server's.
        package let destination: IPv4Address
    }

    package private(set) var state = State.selecting
    /// When `nextMessage` has something to say again; nil: not before another message comes.
    package private(set) var deadline: Duration?
    private let hardwareAddress: MACAddress
    private let hostName: String?
    private var transactionID: UInt32
    /// Messages sent in this state.
    private var attempt = 0
    /// When the client began to ask, and when its lease began.
    private var beginning: Duration
    private var leased: Duration

    /// - Parameter transactionID: random, so that replies to another client are not taken for ours.
    package init(hardwareAddress: MACAddress, hostName: String? = nil, transactionID: UInt32, now: Duration) {
        self.hardwareAddress = hardwareAddress
        self.hostName = hostName
        self.transactionID = transactionID
        beginning = now
        leased = now
        deadline = now
    }

    /// The message that is due; nil when none is.
    package mutating func nextMessage(now: Duration) -> Transmission? {
        guard let deadline, deadline <= now else { return nil }
        advance(now: now)
        attempt += 1
        self.deadline = now + interval(now: now)
        switch state {
        case .selecting: return Transmission(message: message(.discover, now: now), destination: .broadcast)
        case .requesting(let lease):
            var message = message(.request, now: now)
            message.options[.requestedAddress] = lease.address
            message.options[.serverIdentifier] = lease.server
            return Transmission(message: message, destination: .broadcast)
        case .renewing(let lease): return Transmission(message: renewal(lease, now: now), destination: lease.server)
        case .rebinding(let lease): return Transmission(message: renewal(lease, now: now), destination: .broadcast)
        case .bound: return nil
        }
    }

    /// `message` came to port 68.
    package mutating func receive(_ message: DHCPMessage, now: Duration) -> Event {
        guard message.operation == .reply, message.transactionID == transactionID,
            message.hardwareAddress == hardwareAddress
        else { return .ignored }
        switch (state, message.type) {
        case (.selecting, .offer):
            guard let lease = DHCPClientLease(message) else { return .ignored }
            enter(.requesting(lease), at: now)
            return .proceeding
        case (.requesting(let offer), .acknowledge), (.renewing(let offer), .acknowledge),
            (.rebinding(let offer), .acknowledge):
            guard let lease = DHCPClientLease(message), lease.address == offer.address else { return .ignored }
            leased = now
            enter(.bound(lease), at: lease.renewalTime.isInfinite ? nil : now + .seconds(lease.renewalTime.seconds))
            return .bound(lease)
        case (.requesting, .refuse), (.renewing, .refuse), (.rebinding, .refuse):
            // RFC 2131, 3.1: not at once, or a server that always refuses is asked without end.
            begin(now: now, after: .seconds(1))
            return .refused
        default: return .ignored
        }
    }
}

extension DHCPClient {
    /// Attempts for one offer before the client begins anew.
    private static let requestAttempts = 4
    /// RFC 2131, 4.1 begins with four seconds, for networks of its day. Our server answers in milliseconds, so that a
    /// frame lost while an interface comes up costs a quarter of a second.
    private static let firstInterval = Duration.milliseconds(250)
    private static let longestInterval = Duration.seconds(16)
    /// Between attempts to renew (RFC 2131, 4.4.5).
    private static let shortestRenewalInterval = Duration.seconds(60)

    private mutating func enter(_ state: State, at deadline: Duration?) {
        self.state = state
        self.deadline = deadline
        attempt = 0
    }

    private mutating func begin(now: Duration, after delay: Duration = .zero) {
        transactionID &+= 1
        beginning = now
        enter(.selecting, at: now + delay)
    }

    /// Goes to the state that the time calls for.
    private mutating func advance(now: Duration) {
        switch state {
        case .requesting where attempt >= Self.requestAttempts: begin(now: now)
        case .bound(let lease):
            transactionID &+= 1
            beginning = now
            enter(.renewing(lease), at: now)
            advance(now: now)
        case .renewing(let lease) where now >= leased + .seconds(lease.rebindingTime.seconds):
            enter(.rebinding(lease), at: now)
            advance(now: now)
        case .rebinding(let lease) where now >= leased + .seconds(lease.duration.seconds): begin(now: now)
        default: break
        }
    }

    /// How long to wait for a reply to the message that is being sent.
    private func interval(now: Duration) -> Duration {
        switch state {
        case .renewing(let lease): renewalInterval(until: lease.rebindingTime, now: now)
        case .rebinding(let lease): renewalInterval(until: lease.duration, now: now)
        default: min(Self.firstInterval * (1 << min(attempt - 1, 8)), Self.longestInterval)
        }
    }

    /// Half of what is left, but no less than a minute, and not past the end.
    private func renewalInterval(until end: DHCPDuration, now: Duration) -> Duration {
        let left = max(leased + .seconds(end.seconds) - now, .seconds(1))
        return min(max(left / 2, Self.shortestRenewalInterval), left)
    }

    private func message(_ type: DHCPMessageType, now: Duration) -> DHCPMessage {
        var message = DHCPMessage(
            operation: .request, transactionID: transactionID, hardwareAddress: hardwareAddress)
        message.secondsElapsed = UInt16(clamping: (now - beginning).components.seconds)
        message.type = type
        message.options[.clientIdentifier] = DHCPClientIdentifier(ethernet: hardwareAddress)
        message.options[.hostName] = hostName
        message.options[.maximumMessageSize] = 1500
        message.options[.parameterRequestList] = [
            .subnetMask, .classlessRoutes, .routers, .domainNameServers, .hostName, .domainName, .interfaceMTU,
            .leaseTime, .serverIdentifier, .renewalTime, .rebindingTime, .domainSearch,
        ]
        return message
    }

    private func renewal(_ lease: DHCPClientLease, now: Duration) -> DHCPMessage {
        var message = message(.request, now: now)
        message.clientAddress = lease.address
        return message
    }
}
