import CVmnetLinux
import Glibc

/// A privilege that root has divided into (capabilities(7)).
package struct Capability: RawRepresentable, Equatable, Sendable {
    package let rawValue: Int32

    package init(rawValue: Int32) {
        self.rawValue = rawValue
    }

    /// Interfaces, routes, packet filters.
    package static let networkAdministration = Capability(rawValue: CAP_NET_ADMIN)
    /// Raw and packet sockets.
    package static let rawSockets = Capability(rawValue: CAP_NET_RAW)
    /// Ports below 1024.
    package static let lowPorts = Capability(rawValue: CAP_NET_BIND_SERVICE)

    /// Leaves a program that this thread executes, whoever it runs as, with these capabilities and no others
    /// ("ambient" ones); root keeps all. The thread has them now.
    ///
    /// Without it, a program loses them at exec unless it runs as root. The corresponding C calls are `capset` and
    /// `prctl(PR_CAP_AMBIENT)`.
    package static func keepAcrossExec(_ capabilities: [Capability]) throws(SystemError) {
        let mask = capabilities.reduce(UInt64(0)) { $0 | 1 << UInt64($1.rawValue) }
        var header = __user_cap_header_struct(version: UInt32(_LINUX_CAPABILITY_VERSION_3), pid: 0)
        var sets = [UInt32(truncatingIfNeeded: mask), UInt32(truncatingIfNeeded: mask >> 32)].map {
            __user_cap_data_struct(effective: $0, permitted: $0, inheritable: $0)
        }
        // Safety: version 3 has two data structures, which the kernel reads during the call.
        try SystemCall.run("limit this process to its network's capabilities") { unsafe capset(&header, &sets) }
        for capability in capabilities {
            try SystemCall.run("keep a capability across exec") {
                ovn_prctl(PR_CAP_AMBIENT, UInt(PR_CAP_AMBIENT_RAISE), UInt(capability.rawValue))
            }
        }
    }
}
