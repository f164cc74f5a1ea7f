import Glibc

/// Which file stands at a path, and when it was last changed: enough to tell whether it must be read again.
package struct FileVersion: Equatable, Sendable {
    private let identity: FileIdentity
    private let byteCount: Int
    private let seconds: Int
    private let nanoseconds: Int

    /// nil when there is nothing at `path`, or no plain file, whose reading might block. Symbolic links are followed.
    package init?(_ path: String) {
        var status = stat()
        // Safety: the string lives for the call, and the kernel fills one structure.
        guard unsafe stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        identity = FileIdentity(status)
        byteCount = status.st_size
        seconds = status.st_mtim.tv_sec
        nanoseconds = status.st_mtim.tv_nsec
    }
}
