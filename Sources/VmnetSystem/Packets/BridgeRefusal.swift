import CBridge
import Glibc
import SystemPackage

/// Why the helper has opened no socket, as it says in its reply (CBridge.h).
struct BridgeRefusal: Equatable {
    enum Reason: Equatable {
        case notAllowed
        case policyUnusable
        case unsuitable
        case noCapability
        case failed
    }

    let reason: Reason
    /// Zero when no system call has failed.
    let errno: Int32
    let text: String

    /// nil for what is no reply, or one that refuses nothing.
    init?(reply: [UInt8]) {
        guard reply.count >= 2 else { return nil }
        let reasons: [UInt32: Reason] = [
            OVN_BRIDGE_NOT_ALLOWED.rawValue: .notAllowed, OVN_BRIDGE_POLICY_UNUSABLE.rawValue: .policyUnusable,
            OVN_BRIDGE_UNSUITABLE.rawValue: .unsuitable, OVN_BRIDGE_NO_CAPABILITY.rawValue: .noCapability,
            OVN_BRIDGE_FAILED.rawValue: .failed,
        ]
        guard let reason = reasons[UInt32(reply[0])] else { return nil }
        self.reason = reason
        errno = Int32(reply[1])
        text = String(decoding: reply.dropFirst(2), as: UTF8.self)
    }

    /// The error for whoever wanted the socket.
    func error(bridging interface: String, through helper: BridgeHelper) -> SystemError {
        let operation = "bridge \(interface)"
        switch reason {
        case .notAllowed:
            return SystemError(operation, .permissionDenied, remedy: "\(text); \(Self.remedy(for: interface))")
        case .policyUnusable:
            return SystemError(operation, .permissionDenied, remedy: "nothing is allowed to anybody: \(text)")
        case .unsuitable:
            return SystemError(operation, errno == 0 ? .invalidArgument : Errno(rawValue: errno), remedy: text)
        case .noCapability:
            return SystemError(operation, .notPermitted, remedy: capabilityRemedy(helper))
        case .failed:
            return SystemError("\(text) for \(interface)", Errno(rawValue: errno))
        }
    }

    /// What root has to do so that this user may. The number is right for users of every kind.
    private static func remedy(for interface: String) -> String {
        "as root: echo allow \(interface) user:\(getuid()) >>/etc/openvmnet/bridge.conf"
    }

    private func capabilityRemedy(_ helper: BridgeHelper) -> String {
        text.isEmpty
            ? "\(helper.path) has no capability; \(helper.capabilityRemedy)"
            : "\(helper.path) gets no capability, because this process runs with \(text): systemd's NoNewPrivileges=yes"
    }
}
