import Glibc

/// A file that is only ever added to. Each `append` is one write at the end of the file, wherever other writers are.
package struct AppendFile: ~Copyable, Sendable {
    private let file: Descriptor
    private let path: String

    /// Opens the file, or creates it for its owner only.
    package init(_ path: String) throws(SystemError) {
        file = try File.open(path, O_WRONLY | O_CREAT | O_APPEND | O_NOFOLLOW, mode: 0o600, for: "open")
        self.path = path
    }

    /// Adds the bytes. After an error a part of them may be in the file.
    package borrowing func append(_ bytes: Span<UInt8>) throws(SystemError) {
        try File.writeAll(bytes, to: file, name: path)
    }

    /// Makes the file empty. What is appended next stands at its beginning.
    package borrowing func truncate() throws(SystemError) {
        let raw = file.raw
        try SystemCall.run("truncate \(path)") { ftruncate(raw, 0) }
    }
}
