import CVmnetLinux
import Glibc
import SystemPackage

/// Linux namespaces (namespaces(7)). They belong to a thread: call these in a process with one thread only, or on a
/// thread that is used for nothing else.
package enum Namespace {
    package struct Kinds: OptionSet, Sendable {
        package let rawValue: Int32

        package init(rawValue: Int32) {
            self.rawValue = rawValue
        }

        package static let user = Kinds(rawValue: CLONE_NEWUSER)
        package static let network = Kinds(rawValue: CLONE_NEWNET)
        package static let mount = Kinds(rawValue: CLONE_NEWNS)
    }

    /// Moves the calling thread into new namespaces. The corresponding C call is `unshare`.
    ///
    /// For `.user` the process may have one thread only (EINVAL otherwise).
    package static func unshare(_ kinds: Kinds) throws(SystemError) {
        let result = SystemCall.result { ovn_unshare(kinds.rawValue) }
        guard case .failure(let error) = result else { return }
        let remedy =
            switch error {
            case .notPermitted, .permissionDenied:
                "the system refuses user namespaces to users; as root: sysctl kernel.unprivileged_userns_clone=1 or "
                    + "kernel.apparmor_restrict_unprivileged_userns=0, whichever it has"
            case .noSpace: "there are too many; as root: sysctl user.max_user_namespaces=10000"
            default: nil as String?
            }
        throw SystemError("create a namespace", error, remedy: remedy)
    }

    /// Moves the calling thread into the namespace that `descriptor` refers to: one opened from `/proc/PID/ns`, or a
    /// process descriptor. The corresponding C call is `setns`.
    package static func enter(_ descriptor: Int32, _ kinds: Kinds) throws(SystemError) {
        try SystemCall.run("enter a namespace") { ovn_setns(descriptor, kinds.rawValue) }
    }

    /// Opens a namespace for `enter`: `/proc/4711/ns/net`.
    package static func open(_ path: String) throws(SystemError) -> Descriptor {
        do throws(SystemError) {
            return try File.open(path, O_RDONLY, mode: 0, for: "open the namespace")
        } catch {
            throw SystemError(
                error.operation, error.errno, remedy: "name one as /run/netns/NAME or /proc/PID/ns/net")
        }
    }

    /// Lets one user and group of the parent namespace appear as others in the user namespace of `process`
    /// (user_namespaces(7), "Defining user and group ID mappings").
    ///
    /// - Parameters:
    ///   - process: a process's number, or `self`. A process can map its own namespace once, and then only its own user.
    ///   - user, group: outside, as they were before the namespace was made.
    ///   - insideUser, insideGroup: what they are called inside; 0 is root.
    package static func map(
        process: String = "self", user: UInt32, group: UInt32, insideUser: UInt32 = 0, insideGroup: UInt32 = 0
    ) throws(SystemError) {
        // The kernel wants setgroups(2) gone before a user without privileges maps a group.
        try write("deny", to: "/proc/\(process)/setgroups")
        try write("\(insideUser) \(user) 1\n", to: "/proc/\(process)/uid_map")
        try write("\(insideGroup) \(group) 1\n", to: "/proc/\(process)/gid_map")
    }

    private static func write(_ text: String, to path: String) throws(SystemError) {
        let file = try File.open(path, O_WRONLY, mode: 0, for: "open")
        try File.writeAll(Array(text.utf8).span, to: file, name: path)
    }
}
