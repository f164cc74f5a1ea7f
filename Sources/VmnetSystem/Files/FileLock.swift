import CVmnetLinux
import Glibc
import SystemPackage

/// A lock on a file, held until the value goes or the process ends. The corresponding C call is `flock`.
package struct FileLock: ~Copyable, Sendable {
    private let file: Descriptor

    /// Takes the lock on the file at `path`, which is created if need be and stays afterwards; nil when it is held.
    package static func acquire(_ path: String) throws(SystemError) -> FileLock? {
        let file = try File.open(path, O_RDWR | O_CREAT | O_NOFOLLOW, mode: 0o600, for: "open the lock file")
        let raw = file.raw
        switch SystemCall.result({ flock(raw, LOCK_EX | LOCK_NB) }) {
        case .success: return FileLock(file: file)
        case .failure(.wouldBlock): return nil
        case .failure(let error): throw SystemError("lock \(path)", error)
        }
    }
}
