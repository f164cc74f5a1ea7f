import Glibc
import SystemPackage
import VmnetSystem
import VmnetWire

/// The namespaces of a guest, made by the process that moves into them: user, network and mounts.
///
/// The user keeps its own number inside, so that programs find their configuration, ssh its keys and D-Bus its peer,
/// and nobody is taken for root. What a command may do to its network it gets as ambient capabilities (`admit`), which
/// work for any user: to root inside the namespace, everything is allowed there anyway.
///
/// The process must have one thread only, and be the child of one that has a socket to it: `unshare` acts on threads,
/// and the processes that run networks have several.
enum GuestNamespace {
    /// The interface that is the guest's end of the network.
    static let interface = "eth0"

    /// Moves in. Afterwards the process has every capability over its new network, and over nothing else.
    ///
    /// - Parameter facts: as they were outside: a new user namespace has limits of its own.
    static func enter(_ facts: KernelFacts) throws(NamespaceRefusal) {
        let user = geteuid()
        let group = getegid()
        try attempt(.createUserNamespace, facts) { () throws(SystemError) in try Namespace.unshare(.user) }
        try attempt(.mapIdentity, facts) { () throws(SystemError) in
            try Namespace.map(user: user, group: group, insideUser: user, insideGroup: group)
        }
        try attempt(.createNetworkNamespace, facts) { () throws(SystemError) in
            try Namespace.unshare([.network, .mount])
        }
    }

    /// Makes the guest's interface; it is down. The descriptor is the network's end of it.
    static func createTap(
        macAddress: MACAddress, mtu: Int, _ facts: KernelFacts
    ) throws(NamespaceRefusal) -> Descriptor {
        try attempt(.openTun, facts) { () throws(SystemError) in try File.checkOpens("/dev/net/tun") }
        do throws(SystemError) {
            let tap = try TapInterface(creating: interface, hasVirtioHeader: true)
            let control = try InterfaceControl()
            try control.setMACAddress(macAddress.bits, of: interface)
            try control.setMTU(mtu, of: interface)
            return tap.takeDescriptor()
        } catch {
            throw NamespaceRefusal(.createTap, error.errno, facts)
        }
    }

    /// Gives the command that this process turns into the rights to configure its network, to see its packets, and to
    /// serve at ports below 1024.
    static func admit() throws(SystemError) {
        guard geteuid() != 0 else { return }
        try Capability.keepAcrossExec([.networkAdministration, .rawSockets, .lowPorts])
    }

    private static func attempt(
        _ step: NamespaceRefusal.Step, _ facts: KernelFacts, _ body: () throws(SystemError) -> Void
    ) throws(NamespaceRefusal) {
        do {
            try body()
        } catch {
            throw NamespaceRefusal(step, error.errno, facts)
        }
    }
}
