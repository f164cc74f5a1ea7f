/// What the kernel says about itself, as far as it decides whether a namespace can be made without root.
///
/// A value that the kernel does not show is nil: the setting does not exist there, or may not be read.
struct KernelFacts: Equatable, Sendable {
    /// `kernel.unprivileged_userns_clone`: Debian's and Arch's switch; 0 forbids.
    var allowsUnprivilegedNamespaces: Int?
    /// `user.max_user_namespaces`.
    var maximumUserNamespaces: Int?
    /// `user.max_net_namespaces`.
    var maximumNetworkNamespaces: Int?
    /// `user.max_mnt_namespaces`.
    var maximumMountNamespaces: Int?
    /// `kernel.apparmor_restrict_unprivileged_userns`: Ubuntu's switch since 23.10; 1 wants a profile.
    var appArmorRestriction: Int?
    /// Whether SELinux is enforcing.
    var isSELinuxEnforcing = false
    /// Whether a seccomp filter is on this process: in a container, nearly always.
    var hasSeccompFilter = false
    /// Whether this is Docker, Podman or one that says so in `$container`.
    var isContainer = false
    /// Whether the process sees another root directory than its mount namespace has.
    var isChroot = false
    /// Permission bits of `/dev/net/tun`; nil when there is no such node.
    var tunMode: UInt32?
    /// Whether this process is root where it runs.
    var isRoot = false
    /// The path of this program, for a profile that names it.
    var executable = "/usr/bin/openvmnet"
}
