import SystemPackage
import VmnetSystem
import VmnetWire

/// From a plain process to a guest with an address.
struct GuestBoot {
    let macAddress: MACAddress
    /// The largest IP packet, in bytes.
    let mtu: Int
    /// Whether the guest's connections are not to be paced.
    let isUnpaced: Bool

    /// Moves this process into its namespaces, gets the lease there and applies it, with a report of each on `channel`.
    ///
    /// Throws `NamespaceRefusal` and `SystemError`; also when the process that started this one has gone.
    func run(on channel: GuestChannel) throws -> GuestSettings {
        let facts = KernelFacts.current()
        try GuestNamespace.enter(facts)
        // Only now: a change of credentials takes the request back. Whether the parent is still there shows below.
        try Program.dieWithParent()
        try handOver(GuestNamespace.createTap(macAddress: macAddress, mtu: mtu, facts), on: channel)
        if isUnpaced { CongestionControl.unpaceNamespace(of: GuestNamespace.interface) }
        try GuestSettings.bringUp()
        var acquisition = try LeaseAcquisition(macAddress: macAddress)
        let (lease, time) = try acquisition.run()
        let settings = GuestSettings(lease)
        try settings.apply()
        do {
            try settings.resolver.install()
        } catch {
            try channel.send(.warned("names may not resolve: \(error)"))
        }
        try channel.send(.leased(GuestLease(lease, settings, macAddress: macAddress, time: time)))
        return settings
    }

    /// Gives the TAP away and waits until the network has it. This process has no descriptor of it afterwards, so that
    /// the interface ends with the network.
    private func handOver(_ tap: consuming Descriptor, on channel: GuestChannel) throws(SystemError) {
        try channel.send(.tapReady)
        try channel.pass(tap)
        guard try channel.waitForGoAhead() else {
            throw SystemError("attach to the network", .connectionReset)
        }
    }
}
