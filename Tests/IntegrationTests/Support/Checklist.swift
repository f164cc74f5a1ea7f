import Testing
import VmnetWire

/// What a network promises its guests.
struct Promise: Sendable {
    let gateway: IPv4Address
    /// The last address of the pool, which begins behind the gateway.
    let end: IPv4Address
    let mask: String
    let mtu: Int
    /// Whose servers the guests reach.
    let host: HostNetwork

    /// The network of `Serve.network` on `host`.
    init(on host: HostNetwork) {
        gateway = IPv4Address(bits: 0xc0a8_6901)
        end = IPv4Address(bits: 0xc0a8_6914)
        mask = "255.255.255.0"
        mtu = 1500
        self.host = host
    }

    /// The network that `serve` announced.
    init(of serve: Serve) throws {
        gateway = try #require(IPv4Address(serve.announcement.startAddress))
        end = try #require(IPv4Address(serve.announcement.endAddress))
        mask = serve.announcement.subnetMask
        mtu = serve.announcement.mtu
        host = serve.host
    }
}

/// What every guest gets, whatever it is and however its frames travel: a lease as announced, the gateway, names, and
/// 64 MiB each way through the NAT, unharmed.
///
/// - Returns: the lease, for the tests that go on.
@discardableResult
func checkEverything(
    in guest: some Guest, on promise: Promise, sourceLocation: SourceLocation = #_sourceLocation
) async throws -> Lease {
    let lease = try await guest.acquireLease()
    checkLease(lease, on: promise, sourceLocation: sourceLocation)
    #expect(try await guest.canPing(promise.gateway), "the gateway", sourceLocation: sourceLocation)
    try await checkNames(in: guest, on: promise, sourceLocation: sourceLocation)
    try await checkTransfers(in: guest, on: promise, sourceLocation: sourceLocation)
    return lease
}

/// The lease is what was announced: an address of the pool, and the gateway for everything else.
func checkLease(_ lease: Lease, on promise: Promise, sourceLocation: SourceLocation = #_sourceLocation) {
    let pool = promise.gateway.advanced(by: 1)...promise.end
    #expect(pool.contains(lease.address), "\(lease.address)", sourceLocation: sourceLocation)
    let gateway = promise.gateway.description
    let expected = [
        "mask": promise.mask, "gateway": gateway, "dns": gateway, "server": gateway, "mtu": "\(promise.mtu)",
    ]
    for (option, value) in expected {
        #expect(lease.options[option] == value, "\(option)", sourceLocation: sourceLocation)
    }
    #expect(lease.options["seconds"].flatMap({ Int($0) }) ?? 0 > 0, "lease time", sourceLocation: sourceLocation)
}

/// The gateway's DNS forwarder asks the host's server.
private func checkNames(in guest: some Guest, on promise: Promise, sourceLocation: SourceLocation) async throws {
    let (_, output) = try await guest.shell(
        "nslookup \(HostNetwork.probeName). \(promise.gateway)", within: .seconds(15))
    #expect(output.contains(HostNetwork.probeAddress), "\(output)", sourceLocation: sourceLocation)
}

/// Downloads the blob from the host's loopback service at the gateway's address, and uploads it to the Internet; all
/// sides compute the same digest.
private func checkTransfers(in guest: some Guest, on promise: Promise, sourceLocation: SourceLocation) async throws {
    let output = try await guest.run(
        """
        export BLOB=/tmp/blob.$$; \
        wget -q -O $BLOB http://\(promise.gateway)/blob && sha256sum <$BLOB && \
        nc \(HostNetwork.internetAddress) 8080 -e upload; cat $BLOB.answer; rm $BLOB $BLOB.answer
        """, within: .seconds(60))
    let digests: [String] = output.split(whereSeparator: \.isWhitespace).map { String($0) }
        .filter { $0.count == 64 && $0.allSatisfy(\.isHexDigit) }
    let expected = [promise.host.blobSHA256, promise.host.blobSHA256]
    #expect(digests == expected, "down, up: \(output)", sourceLocation: sourceLocation)
}
