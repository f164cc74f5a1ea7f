import SystemPackage
import Testing

@testable import openvmnet

@Suite struct NamespaceRefusalTests {
    /// A kernel that allows everything.
    private static let open = KernelFacts(
        maximumUserNamespaces: 96365, maximumNetworkNamespaces: 96365, maximumMountNamespaces: 96365, tunMode: 0o666)

    private static func facts(_ change: (inout KernelFacts) -> Void) -> KernelFacts {
        var facts = open
        change(&facts)
        return facts
    }

    struct Row: CustomTestStringConvertible, Sendable {
        let name: String
        let step: NamespaceRefusal.Step
        let error: Errno
        let facts: KernelFacts
        /// The end of the message.
        let reason: String
        /// The first line of the hint.
        let remedy: String
        var testDescription: String { name }
    }

    private static let profile = "give openvmnet a profile:"
    private static let container =
        "start the container with: --device /dev/net/tun --security-opt seccomp=unconfined "
        + "--security-opt apparmor=unconfined (Podman also: --security-opt label=disable)"

    static let rows: [Row] = [
        Row(
            name: "Debian's switch is off", step: .createUserNamespace, error: .notPermitted,
            facts: facts { $0.allowsUnprivilegedNamespaces = 0 }, reason: "kernel.unprivileged_userns_clone is 0",
            remedy: "sudo sysctl -w kernel.unprivileged_userns_clone=1"),
        Row(
            name: "the switch binds everybody but root", step: .createUserNamespace, error: .notPermitted,
            facts: facts {
                $0.allowsUnprivilegedNamespaces = 0
                $0.isRoot = true
                $0.isContainer = true
            }, reason: "the container's security settings deny it", remedy: container),
        Row(
            name: "user namespaces are limited to none", step: .createUserNamespace, error: .noSpace,
            facts: facts { $0.maximumUserNamespaces = 0 }, reason: "user.max_user_namespaces is 0",
            remedy: "sudo sysctl -w user.max_user_namespaces=15000"),
        Row(
            name: "user namespaces are used up", step: .createUserNamespace, error: .noSpace,
            facts: facts { $0.maximumUserNamespaces = 5000 },
            reason: "the limit user.max_user_namespaces = 5000 is reached",
            remedy: "sudo sysctl -w user.max_user_namespaces=10000"),
        Row(
            name: "network namespaces are limited to none", step: .createNetworkNamespace, error: .noSpace,
            facts: facts { $0.maximumNetworkNamespaces = 0 }, reason: "user.max_net_namespaces is 0",
            remedy: "sudo sysctl -w user.max_net_namespaces=15000"),
        Row(
            name: "mount namespaces are used up", step: .createNetworkNamespace, error: .noSpace,
            facts: facts { $0.maximumMountNamespaces = 10 },
            reason: "the limit user.max_mnt_namespaces = 10 is reached",
            remedy: "sudo sysctl -w user.max_mnt_namespaces=2048"),
        Row(
            name: "no space, and no limit to be seen", step: .createUserNamespace, error: .noSpace,
            facts: KernelFacts(), reason: "No space left on device",
            remedy: "as root, look at: sysctl kernel.unprivileged_userns_clone user.max_user_namespaces "
                + "kernel.apparmor_restrict_unprivileged_userns; dmesg | tail (and no chroot allows it)"),
        Row(
            name: "too many levels", step: .createUserNamespace, error: .tooManyUsers, facts: open,
            reason: "user namespaces are nested too deeply",
            remedy: "run openvmnet further out: the kernel nests at most 32 user namespaces"),
        Row(
            name: "Ubuntu 23.10 refuses the namespace", step: .createUserNamespace, error: .permissionDenied,
            facts: facts { $0.appArmorRestriction = 1 },
            reason: "AppArmor keeps user namespaces from programs without a profile", remedy: profile),
        Row(
            name: "Ubuntu 24.04 gives a namespace without capabilities", step: .mapIdentity, error: .notPermitted,
            facts: facts { $0.appArmorRestriction = 1 },
            reason: "AppArmor keeps user namespaces from programs without a profile", remedy: profile),
        Row(
            name: "Ubuntu refuses the TAP", step: .createTap, error: .notPermitted,
            facts: facts { $0.appArmorRestriction = 1 },
            reason: "AppArmor keeps user namespaces from programs without a profile", remedy: profile),
        Row(
            name: "AppArmor's switch is there, but off", step: .createUserNamespace, error: .notPermitted,
            facts: facts {
                $0.appArmorRestriction = 0
                $0.isChroot = true
            }, reason: "not possible inside a chroot",
            remedy: "run openvmnet outside of the chroot, or make it a container of its own (pivot_root)"),
        Row(
            name: "a container's seccomp filter", step: .createUserNamespace, error: .notPermitted,
            facts: facts {
                $0.isContainer = true
                $0.hasSeccompFilter = true
            }, reason: "the container's security settings deny it", remedy: container),
        Row(
            name: "a unit's seccomp filter", step: .createUserNamespace, error: .notPermitted,
            facts: facts { $0.hasSeccompFilter = true }, reason: "a seccomp filter on this process denies it",
            remedy: "start it without the filter; in a systemd unit that is RestrictNamespaces= and SystemCallFilter="),
        Row(
            name: "SELinux", step: .createUserNamespace, error: .permissionDenied,
            facts: facts { $0.isSELinuxEnforcing = true }, reason: "SELinux denies it",
            remedy: "see what was denied: sudo ausearch -m avc -ts recent -c openvmnet; "
                + "then allow that in a policy module"),
        Row(
            name: "a kernel without namespaces", step: .createUserNamespace, error: .invalidArgument,
            facts: KernelFacts(), reason: "this kernel is built without it",
            remedy: "use a kernel with CONFIG_USER_NS, CONFIG_NET_NS and CONFIG_TUN"),
        Row(
            name: "no tun device", step: .openTun, error: .noSuchFileOrDirectory,
            facts: facts { $0.tunMode = nil }, reason: "there is no such device", remedy: "sudo modprobe tun"),
        Row(
            name: "no tun device in a container", step: .openTun, error: .noSuchFileOrDirectory,
            facts: facts {
                $0.tunMode = nil
                $0.isContainer = true
            }, reason: "there is no such device", remedy: container),
        Row(
            name: "no tun module", step: .openTun, error: .operationNotSupportedByDevice, facts: open,
            reason: "the kernel's tun module is not loaded", remedy: "sudo modprobe tun"),
        Row(
            name: "the device is its owner's alone", step: .openTun, error: .permissionDenied,
            facts: facts { $0.tunMode = 0o600 }, reason: "its mode is 0600, so only its owner may use it",
            remedy: "sudo chmod 0666 /dev/net/tun"),
        Row(
            name: "a cgroup's device rule", step: .openTun, error: .notPermitted, facts: open,
            reason: "a device rule denies it",
            remedy: "allow the character device 10:200 (in a systemd unit: DeviceAllow=/dev/net/tun rw)"),
        Row(
            name: "an error of another kind", step: .createTap, error: .noMemory, facts: open,
            reason: "Cannot allocate memory",
            remedy: "as root, look at: sysctl kernel.unprivileged_userns_clone user.max_user_namespaces "
                + "kernel.apparmor_restrict_unprivileged_userns; dmesg | tail (and no chroot allows it)"),
    ]

    @Test(arguments: rows)
    func `a refusal names what is in the way and its remedy`(row: Row) throws {
        let refusal = NamespaceRefusal(row.step, row.error, row.facts)
        #expect(refusal.message.hasPrefix("cannot "))
        #expect(refusal.message.hasSuffix(": \(row.reason)"))
        #expect(try #require(refusal.hint.split(separator: "\n").first) == row.remedy)
    }

    @Test func `the profile names the path of this program`() {
        let facts = Self.facts {
            $0.appArmorRestriction = 1
            $0.executable = "/home/ada/my tools/openvmnet"
        }
        let hint = NamespaceRefusal(.createUserNamespace, .notPermitted, facts).hint
        #expect(hint.contains(#"profile openvmnet "/home/ada/my tools/openvmnet" flags=(unconfined) {"#))
        #expect(hint.hasSuffix("sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"))
    }

    @Test(arguments: NamespaceRefusal.Step.allCases)
    func `every step says what it was about`(step: NamespaceRefusal.Step) {
        #expect(!NamespaceRefusal(step, .noMemory, Self.open).message.hasPrefix("cannot :"))
    }
}
