import CVmnetLinux
import Glibc

/// Changes to what this thread's mount namespace shows. They need CAP_SYS_ADMIN there; in a mount namespace of its own
/// a process needs no other right. The corresponding C calls are `mount` and `umount2`.
package enum Mount {
    /// Keeps later changes here from the namespace this one was copied from; its own still arrive (mount_namespaces(7)).
    package static func detachFromParent() throws(SystemError) {
        try perform("keep mounts private", nil, "/", nil, UInt(MS_REC | MS_SLAVE), nil)
    }

    /// Shows `source` at `target`; both are files, or both directories. Symbolic links are followed.
    package static func bind(_ source: String, over target: String) throws(SystemError) {
        try perform("mount a file over \(target)", source, target, nil, UInt(MS_BIND), nil)
    }

    /// An empty directory in memory at `target`, of at most 64 KiB.
    package static func temporary(at target: String) throws(SystemError) {
        try perform(
            "mount a tmpfs at \(target)", "openvmnet", target, "tmpfs", UInt(MS_NOSUID | MS_NODEV | MS_NOEXEC),
            "mode=0755,size=64k")
    }

    /// Shows the files of `upper` among those of `target`, and instead of them where both have the name.
    ///
    /// `upper` and `work` are directories of one file system; none of the paths has a comma or a colon.
    package static func overlay(_ upper: String, work: String, over target: String) throws(SystemError) {
        try perform(
            "mount an overlay at \(target)", "openvmnet", target, "overlay", 0,
            "lowerdir=\(target),upperdir=\(upper),workdir=\(work)")
    }

    /// Takes away the topmost mount at `target` as soon as nobody uses it.
    package static func detach(_ target: String) throws(SystemError) {
        // Safety: the string is lent for the call.
        try SystemCall.run("unmount \(target)") { unsafe umount2(target, Int32(MNT_DETACH)) }
    }

    private static func perform(
        _ name: @autoclosure () -> String, _ source: String?, _ target: String, _ type: String?, _ flags: UInt,
        _ options: String?
    ) throws(SystemError) {
        // Safety: the strings are lent for the call, and the kernel copies the options.
        try SystemCall.run(name()) {
            if let options {
                unsafe options.withCString { unsafe mount(source, target, type, flags, $0) }
            } else {
                unsafe mount(source, target, type, flags, nil)
            }
        }
    }
}
