import CVmnetLinux
import Glibc
import SystemPackage

/// A lock on a file, held until the value goes or the process ends: an open file description lock (fcntl(2)), which
/// others can see without taking it.
package struct FileLock: ~Copyable, Sendable {
    private let file: Descriptor

    /// Takes the lock on the file at `path`, which is created if need be and stays afterwards; nil when it is held.
    package static func acquire(_ path: String) throws(SystemError) -> FileLock? {
        let file = try open(path)
        let raw = file.raw
        // Safety: the structure lives for the call.
        var lock = whole
        switch SystemCall.result({ unsafe ovn_ofd_setlk(raw, &lock) }) {
        case .success: return FileLock(file: file)
        case .failure(.wouldBlock), .failure(.permissionDenied): return nil
        case .failure(let error): throw SystemError("lock \(path)", error)
        }
    }

    /// Whether somebody holds the lock on the file at `path`, which is created if need be.
    package static func isHeld(_ path: String) throws(SystemError) -> Bool {
        let file = try open(path)
        let raw = file.raw
        var lock = whole
        // Safety: the kernel changes the structure, which lives for the call.
        try SystemCall.run("look at the lock \(path)") { unsafe ovn_ofd_getlk(raw, &lock) }
        return lock.l_type != Int16(F_UNLCK)
    }

    private static func open(_ path: String) throws(SystemError) -> Descriptor {
        try File.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600, for: "open the lock file")
    }

    /// For writing, from the first byte to wherever the file ends.
    private static var whole: flock {
        flock(l_type: Int16(F_WRLCK), l_whence: Int16(SEEK_SET), l_start: 0, l_len: 0, l_pid: 0)
    }
}
