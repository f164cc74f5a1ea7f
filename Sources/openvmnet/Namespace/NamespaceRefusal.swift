import SystemPackage

/// The kernel refused a step towards a namespace guest: what is in the way, and the exact remedy.
struct NamespaceRefusal: Error, Equatable, Sendable {
    /// What was asked of the kernel.
    enum Step: CaseIterable, Sendable {
        /// `unshare(CLONE_NEWUSER)`.
        case createUserNamespace
        /// Writing `/proc/self/uid_map`, `setgroups` and `gid_map`.
        case mapIdentity
        /// `unshare(CLONE_NEWNET | CLONE_NEWNS)` with the new user namespace's capabilities.
        case createNetworkNamespace
        /// `open("/dev/net/tun")`.
        case openTun
        /// `ioctl(TUNSETIFF)` and the settings of the new interface.
        case createTap
    }

    /// One sentence without a full stop.
    let message: String
    /// Commands to copy, or what to ask for.
    let hint: String

    /// The diagnosis: depends on nothing but its arguments.
    init(_ step: Step, _ error: Errno, _ facts: KernelFacts) {
        let cause = Cause(step, error, facts)
        message = "cannot \(step.phrase): \(cause.reason ?? "\(error)")"
        hint = cause.remedy(facts)
    }
}

extension NamespaceRefusal.Step {
    fileprivate var phrase: String {
        switch self {
        case .createUserNamespace: "create a user namespace"
        case .mapIdentity: "map this user into the new user namespace"
        case .createNetworkNamespace: "create a network namespace"
        case .openTun: "open /dev/net/tun"
        case .createTap: "create a TAP interface in the new network namespace"
        }
    }

    fileprivate var isAboutTun: Bool { self == .openTun }
}

/// What stood in the way, as far as it can be told from the error and the facts.
private enum Cause {
    /// A sysctl that forbids; the value that allows.
    case sysctl(String, now: Int, wanted: Int)
    /// A limit that is reached, though not zero.
    case limit(String, Int)
    case appArmor
    case seLinux
    case chroot
    case container
    case seccomp
    case nesting
    case noKernelSupport
    case noTunModule
    case noTunNode(inContainer: Bool)
    case tunMode(UInt32)
    case tunDeviceRule
    case unknown

    init(_ step: NamespaceRefusal.Step, _ error: Errno, _ facts: KernelFacts) {
        if step.isAboutTun {
            self = Self.tun(error, facts)
            return
        }
        switch error {
        case .noSpace: self = Self.limit(step, facts)
        case .tooManyUsers: self = .nesting
        case .invalidArgument, .noFunction: self = .noKernelSupport
        case .notPermitted, .permissionDenied: self = Self.denial(step, facts)
        default: self = .unknown
        }
    }

    /// Limits on namespaces end in ENOSPC since Linux 4.9 (user_namespaces(7), namespaces(7)).
    private static func limit(_ step: NamespaceRefusal.Step, _ facts: KernelFacts) -> Cause {
        let limits: [(name: String, value: Int?)] =
            step == .createUserNamespace
            ? [("user.max_user_namespaces", facts.maximumUserNamespaces)]
            : [
                ("user.max_net_namespaces", facts.maximumNetworkNamespaces),
                ("user.max_mnt_namespaces", facts.maximumMountNamespaces),
            ]
        if let zero = limits.first(where: { $0.value == 0 }) { return .sysctl(zero.name, now: 0, wanted: 15000) }
        let least = limits.min { ($0.value ?? .max) < ($1.value ?? .max) }
        guard let least, let value = least.value else { return .unknown }
        return .limit(least.name, value)
    }

    /// From the surest reason to the vaguest. A sysctl binds everybody but root.
    private static func denial(_ step: NamespaceRefusal.Step, _ facts: KernelFacts) -> Cause {
        if step == .createUserNamespace, !facts.isRoot, facts.allowsUnprivilegedNamespaces == 0 {
            return .sysctl("kernel.unprivileged_userns_clone", now: 0, wanted: 1)
        }
        // With the restriction, the namespace is made but without capabilities: what fails comes after it.
        if !facts.isRoot, (facts.appArmorRestriction ?? 0) > 0 { return .appArmor }
        if step == .createUserNamespace, facts.isChroot { return .chroot }
        if facts.isContainer { return .container }
        if facts.isSELinuxEnforcing { return .seLinux }
        if facts.hasSeccompFilter { return .seccomp }
        return .unknown
    }

    private static func tun(_ error: Errno, _ facts: KernelFacts) -> Cause {
        switch error {
        case .noSuchFileOrDirectory: .noTunNode(inContainer: facts.isContainer)
        case .operationNotSupportedByDevice, .noSuchAddressOrDevice: .noTunModule
        case .notPermitted: facts.isContainer ? .container : .tunDeviceRule
        case .permissionDenied:
            // Root of a user namespace is nobody special to a device node: only the mode counts.
            if let mode = facts.tunMode, mode & 0o006 != 0o006 {
                .tunMode(mode)
            } else if facts.isSELinuxEnforcing {
                .seLinux
            } else {
                .tunDeviceRule
            }
        default: .unknown
        }
    }

    /// Says more than the error's own name; nil when there is nothing more to say.
    var reason: String? {
        switch self {
        case .sysctl(let name, let now, _): "\(name) is \(now)"
        case .limit(let name, let value): "the limit \(name) = \(value) is reached"
        case .appArmor: "AppArmor keeps user namespaces from programs without a profile"
        case .seLinux: "SELinux denies it"
        case .chroot: "not possible inside a chroot"
        case .container: "the container's security settings deny it"
        case .seccomp: "a seccomp filter on this process denies it"
        case .nesting: "user namespaces are nested too deeply"
        case .noKernelSupport: "this kernel is built without it"
        case .noTunModule: "the kernel's tun module is not loaded"
        case .noTunNode: "there is no such device"
        case .tunMode(let mode): "its mode is 0\(String(mode & 0o777, radix: 8)), so only its owner may use it"
        case .tunDeviceRule: "a device rule denies it"
        case .unknown: nil
        }
    }

    func remedy(_ facts: KernelFacts) -> String {
        switch self {
        case .sysctl(let name, _, let wanted): Self.setting(name, to: wanted)
        case .limit(let name, let value): Self.setting(name, to: max(value, 1024) * 2)
        case .appArmor: Self.appArmorProfile(facts.executable)
        case .seLinux:
            "see what was denied: sudo ausearch -m avc -ts recent -c openvmnet; then allow that in a policy module"
        case .chroot: "run openvmnet outside of the chroot, or make it a container of its own (pivot_root)"
        case .container: Self.containerOptions
        case .seccomp:
            "start it without the filter; in a systemd unit that is RestrictNamespaces= and SystemCallFilter="
        case .nesting: "run openvmnet further out: the kernel nests at most 32 user namespaces"
        case .noKernelSupport: "use a kernel with CONFIG_USER_NS, CONFIG_NET_NS and CONFIG_TUN"
        case .noTunModule: Self.tunModule
        case .noTunNode(let inContainer): inContainer ? Self.containerOptions : Self.tunModule
        case .tunMode: Self.tunPermission
        case .tunDeviceRule: "allow the character device 10:200 (in a systemd unit: DeviceAllow=/dev/net/tun rw)"
        case .unknown:
            "as root, look at: sysctl kernel.unprivileged_userns_clone user.max_user_namespaces "
                + "kernel.apparmor_restrict_unprivileged_userns; dmesg | tail (and no chroot allows it)"
        }
    }

    private static func setting(_ name: String, to value: Int) -> String {
        """
        sudo sysctl -w \(name)=\(value)
        and to keep it: echo \(name)=\(value) | sudo tee /etc/sysctl.d/60-openvmnet.conf
        """
    }

    /// Ubuntu's own pattern for such programs: unconfined but for the right to create user namespaces.
    private static func appArmorProfile(_ executable: String) -> String {
        """
        give openvmnet a profile:
        sudo tee /etc/apparmor.d/openvmnet <<'END'
        abi <abi/4.0>,
        include <tunables/global>
        profile openvmnet "\(executable)" flags=(unconfined) {
          userns,
        }
        END
        sudo apparmor_parser -r /etc/apparmor.d/openvmnet
        or lift the restriction: sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0
        """
    }

    private static let containerOptions =
        "start the container with: --device /dev/net/tun --security-opt seccomp=unconfined "
        + "--security-opt apparmor=unconfined (Podman also: --security-opt label=disable)"

    private static let tunModule =
        """
        sudo modprobe tun
        and to keep it: echo tun | sudo tee /etc/modules-load.d/openvmnet.conf
        """

    private static let tunPermission =
        """
        sudo chmod 0666 /dev/net/tun
        and to keep it: echo 'KERNEL=="tun", MODE="0666", OPTIONS+="static_node=net/tun"' | sudo tee \
        /etc/udev/rules.d/60-openvmnet.rules
        """
}
