import Glibc
import VmnetSystem

extension KernelFacts {
    /// The running kernel's. What cannot be read counts as not there.
    static func current() -> KernelFacts {
        var facts = KernelFacts()
        facts.allowsUnprivilegedNamespaces = number("/proc/sys/kernel/unprivileged_userns_clone")
        facts.maximumUserNamespaces = number("/proc/sys/user/max_user_namespaces")
        facts.maximumNetworkNamespaces = number("/proc/sys/user/max_net_namespaces")
        facts.maximumMountNamespaces = number("/proc/sys/user/max_mnt_namespaces")
        facts.appArmorRestriction = number("/proc/sys/kernel/apparmor_restrict_unprivileged_userns")
        facts.isSELinuxEnforcing = number("/sys/fs/selinux/enforce") == 1
        facts.hasSeccompFilter = hasSeccompFilter(text("/proc/self/status") ?? "")
        facts.isContainer = File.exists("/.dockerenv") || File.exists("/run/.containerenv") || isContainerVariableSet
        facts.isChroot = isChroot(mounts: text("/proc/self/mountinfo") ?? "")
        facts.tunMode = File.permissions("/dev/net/tun")
        facts.isRoot = geteuid() == 0
        if let path = File.linkTarget("/proc/self/exe") { facts.executable = path }
        return facts
    }

    /// Mode 2 of seccomp(2), as proc(5) shows it.
    static func hasSeccompFilter(_ status: String) -> Bool {
        status.split(separator: "\n").contains { line in
            let words = line.split { $0 == "\t" || $0 == " " }
            return words.count == 2 && words[0] == "Seccomp:" && words[1] == "2"
        }
    }

    /// A process whose root directory is not the root of its mount namespace finds no mount at "/": the fifth field of
    /// proc(5)'s mountinfo. (A chroot into a mount point of its own goes unnoticed.)
    static func isChroot(mounts: String) -> Bool {
        !mounts.isEmpty
            && !mounts.split(separator: "\n").contains { line in
                let words = line.split(separator: " ")
                return words.count > 4 && words[4] == "/"
            }
    }

    private static var isContainerVariableSet: Bool {
        // Safety: nobody changes the environment while it is looked at.
        unsafe getenv("container") != nil
    }

    private static func number(_ path: String) -> Int? {
        text(path).flatMap { Int($0.prefix { $0 != "\n" }) }
    }

    private static func text(_ path: String) -> String? {
        guard let bytes = try? File.read(path, maximumByteCount: 1 << 20) else { return nil }
        return String(decoding: bytes, as: UTF8.self)
    }
}
