import CSlirp
import Glibc
import Synchronization
import VmnetWire

/// An owned `Slirp *`, and the calls that the NAT makes of it. libslirp calls back into the host from each of them.
@safe struct SlirpInstance: ~Copyable {
    // Safety: made by slirp_new, given to slirp_cleanup once, in deinit.
    let slirp: OpaquePointer
    /// Kept alive for the callbacks, those of slirp_cleanup included.
    private let host: SlirpHost

    /// nil when libslirp refuses the configuration.
    init?(_ configuration: NATConfiguration, host: SlirpHost) {
        _ = SlirpLibrary.log
        // As numbers, because the lock lets no pointer through.
        let opaque = unsafe UInt(bitPattern: Unmanaged.passUnretained(host).toOpaque())
        let address = SlirpLibrary.creation.withLock { _ in
            // Safety: the configuration is copied; table and host outlive the instance.
            var config = unsafe Self.config(configuration)
            let made = unsafe slirp_new(&config, SlirpCallbacks.table, UnsafeMutableRawPointer(bitPattern: opaque))
            return UInt(bitPattern: made)
        }
        guard let slirp = unsafe OpaquePointer(bitPattern: address) else { return nil }
        unsafe self.slirp = slirp
        self.host = host
    }

    deinit {
        // Safety: the last call; it closes every socket and calls back for each.
        unsafe slirp_cleanup(slirp)
    }

    /// A frame of the guest, in order, for which every guard has been passed.
    func input(_ frame: Span<UInt8>) {
        // Safety: libslirp copies the frame before it does anything else.
        unsafe frame.withUnsafeBufferPointer { unsafe slirp_input(slirp, $0.baseAddress, Int32(clamping: $0.count)) }
    }

    /// Lets libslirp name the sockets it waits for. Returns the milliseconds until its next timer at the latest.
    func fill() -> UInt32 {
        var timeout = UInt32.max
        // Safety: the host outlives the call.
        unsafe slirp_pollfds_fill(slirp, &timeout, SlirpCallbacks.addPoll, Unmanaged.passUnretained(host).toOpaque())
        return timeout
    }

    /// Lets libslirp run its timers, and read and write what is ready.
    ///
    /// Each call with `readsSockets` must have a `fill` of its own before it: libslirp trusts that a socket that it
    /// named has had no data since.
    func poll(readsSockets: Bool) {
        // Safety: the host outlives the call.
        unsafe slirp_pollfds_poll(
            slirp, readsSockets ? 0 : 1, SlirpCallbacks.readiness, Unmanaged.passUnretained(host).toOpaque())
    }

    /// Lets libslirp listen on the loopback interface, at a port that the kernel chooses, for a guest's port.
    ///
    /// The guest's address is always given: libslirp aborts at a connection for a guest that it does not know.
    /// Returns the listener, which is libslirp's; nil when there is no descriptor for it.
    func openDoor(to target: ForwardTarget) -> Int32? {
        // Safety: the addresses are plain values; the host outlives the calls.
        guard
            unsafe slirp_add_hostfwd(slirp, 0, in_addr(.loopback), 0, in_addr(target.address), Int32(target.port)) == 0
        else { return nil }
        host.state.door = nil
        var timeout = UInt32.max
        unsafe slirp_pollfds_fill(slirp, &timeout, SlirpCallbacks.findDoor, Unmanaged.passUnretained(host).toOpaque())
        return host.state.door
    }

    /// Lets libslirp accept the one connection that waits at the door, right after `openDoor`.
    func knock() {
        // Safety: the host outlives the call.
        unsafe slirp_pollfds_poll(slirp, 0, SlirpCallbacks.knock, Unmanaged.passUnretained(host).toOpaque())
    }

    /// Closes the door, which it has at that port.
    func closeDoor(port: UInt16) {
        // Safety: the address is a plain value.
        unsafe _ = slirp_remove_hostfwd(slirp, 0, in_addr(.loopback), Int32(port))
    }

    /// Sends a router advertisement.
    func handleAdvertisementTimer() {
        // Safety: the timer takes no context.
        unsafe slirp_handle_timer(slirp, SLIRP_TIMER_RA, nil)
    }

    private static func config(_ configuration: NATConfiguration) -> SlirpConfig {
        var config = unsafe SlirpConfig()
        unsafe config.version = 4
        unsafe config.in_enabled = true
        unsafe config.vnetwork = in_addr(configuration.subnet.network)
        unsafe config.vnetmask = in_addr(configuration.subnet.mask)
        unsafe config.vhost = in_addr(configuration.gatewayAddress)
        unsafe config.vnameserver = in_addr(configuration.resolverAlias)
        // Where a forward without a guest address would go; never 0.0.0.0, which aborts at the first connection.
        unsafe config.vdhcp_start = in_addr(configuration.gatewayAddress.advanced(by: 1))
        if let prefix = configuration.nat66Prefix {
            let addresses = GatewayAddresses6(prefix: prefix)
            unsafe config.in6_enabled = true
            unsafe config.vprefix_addr6 = in6_addr(addresses.prefix)
            unsafe config.vprefix_len = UInt8(GatewayAddresses6.prefixLength)
            unsafe config.vhost6 = in6_addr(addresses.gateway)
            unsafe config.vnameserver6 = in6_addr(addresses.resolver)
        }
        unsafe config.if_mtu = NATConfiguration.libraryMTU
        unsafe config.if_mru = NATConfiguration.libraryMTU
        // The filter has refused these already; this is the second lock.
        unsafe config.disable_host_loopback = !configuration.allowsHostLoopback
        unsafe config.disable_dhcp = true
        return unsafe config
    }
}

extension in_addr {
    fileprivate init(_ address: IPv4Address) {
        self.init(s_addr: address.bits.bigEndian)
    }
}

extension in6_addr {
    fileprivate init(_ address: IPv6Address) {
        self.init()
        // Safety: both are sixteen bytes, in network order.
        unsafe withUnsafeMutableBytes(of: &self) { bytes in
            unsafe bytes.storeBytes(of: address.high.bigEndian, as: UInt64.self)
            unsafe bytes.storeBytes(of: address.low.bigEndian, toByteOffset: 8, as: UInt64.self)
        }
    }
}
