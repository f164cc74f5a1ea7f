import Glibc
import OpenVmnet
import SystemPackage
import VmnetSystem
import VmnetWire

/// A process in namespaces of its own, whose `eth0` is a guest on a network, configured by DHCP. No privilege is needed.
///
/// This process never forks, for it has threads: it starts its own program again (`NamespaceGuestCommand`), which makes
/// the namespaces, hands over the TAP, gets its lease and then turns into the command.
struct NamespaceGuest: ~Copyable {
    /// What the guest does once it has its lease.
    enum Purpose {
        /// Becomes this command.
        case command([String])
        /// Takes the demo's steps against the server at `port` of this host's loopback.
        case demo(port: UInt16, byteCount: Int)
    }

    /// As the guest got it.
    let lease: GuestLease
    /// What the person should know, though it stops nothing.
    let warnings: [String]
    let process: SpawnedProcess
    private let channel: GuestChannel

    /// A guest that does not get through one step in this time has failed; it gives up on DHCP before.
    private static let stepTimeout = LeaseAcquisition.timeout + .seconds(5)

    /// Starts the guest and waits until it has its lease.
    ///
    /// Call it on the main thread: the kernel kills the guest when the thread that started it ends.
    ///
    /// - Parameters:
    ///   - macAddress: nil = a random one of the locally administered kind.
    ///   - mtu, mode: the network's; the MTU in bytes of IP packet.
    ///   - attach: gives the guest's TAP to the network; called once, on this thread.
    /// - Throws: `VmnetError` with the remedy where the kernel refuses, and what `attach` throws.
    static func start(
        _ purpose: Purpose, macAddress: MACAddress? = nil, mtu: Int, mode: OperationMode,
        attach: (consuming Descriptor) throws -> Void
    ) throws -> NamespaceGuest {
        let pair = try Socket.pair(.seqpacket)
        let channel = try GuestChannel.adopt(pair.first)
        let guestEnd = pair.second
        let process = try SpawnedProcess(
            NamespaceGuestCommand.arguments(
                for: purpose,
                GuestBoot(
                    macAddress: macAddress ?? .randomlyAdministered(), mtu: mtu, isUnpaced: mode.endsConnections)),
            descriptors: [.init(guestEnd.raw, at: GuestChannel.guestDescriptor)])
        // With this process's copy of its end closed, the end of the guest is the end of the line.
        _ = consume guestEnd
        do {
            let (lease, warnings) = try follow(channel, attach: attach)
            return NamespaceGuest(lease: lease, warnings: warnings, process: process, channel: channel)
        } catch {
            try? process.send(signal: SIGKILL)
            let status = try? process.wait()
            if error is GuestGone { throw Self.unexpectedEnd(status) }
            throw error
        }
    }

    /// The next report of a demo's guest; nil at its end. Throws EAGAIN when none comes in time.
    borrowing func nextReport(within timeout: Duration) throws(SystemError) -> GuestReport? {
        try channel.receive(within: timeout)
    }

    /// Takes the guest through its set-up to its lease.
    private static func follow(
        _ channel: GuestChannel, attach: (consuming Descriptor) throws -> Void
    ) throws -> (GuestLease, warnings: [String]) {
        var warnings: [String] = []
        while let report = try channel.receive(within: stepTimeout) {
            switch report {
            case .tapReady:
                try attach(try channel.receiveDescriptor())
                try channel.goAhead()
            case .warned(let text): warnings.append(text)
            case .leased(let lease): return (lease, warnings)
            case .failed(let message, let hint): throw VmnetError(.system, message, hint: hint)
            case .pinged, .progressed, .transferred: break
            }
        }
        throw GuestGone()
    }

    private static func unexpectedEnd(_ status: ExitStatus?) -> VmnetError {
        switch status {
        case .signalled(let signal)?:
            VmnetError(.system, "the namespace guest was ended by signal \(signal) before it had its lease")
        case .exited(let code)?:
            VmnetError(.system, "the namespace guest exited with status \(code) before it had its lease")
        case nil: VmnetError(.system, "the namespace guest ended before it had its lease")
        }
    }
}

/// The line has ended without a word.
private struct GuestGone: Error {}

extension MACAddress {
    /// A random address of the locally administered, individual kind (IEEE 802-2014, 8.4): no vendor's.
    fileprivate static func randomlyAdministered() -> MACAddress {
        MACAddress(bits: .random(in: 0..<1 << 48) & ~0x0300_0000_0000 | 0x0200_0000_0000)
    }
}
