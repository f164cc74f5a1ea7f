import Glibc

/// A new directory for one test, removed with all that is in it.
package final class TemporaryDirectory {
    package let path: String

    package init() {
        var template = Array("/tmp/ovn.XXXXXX".utf8CString)
        // Safety: the template ends with a zero, and is written to in place.
        path = unsafe template.withUnsafeMutableBufferPointer { buffer in
            guard let start = buffer.baseAddress, let made = unsafe mkdtemp(start) else { return "/tmp" }
            return unsafe String(cString: made)
        }
    }

    deinit {
        guard path != "/tmp" else { return }
        remove(path)
    }

    /// The path of a file in the directory.
    package func file(_ name: String) -> String { "\(path)/\(name)" }

    /// The names in the directory.
    package var contents: [String] { Self.names(in: path) }

    private func remove(_ path: String) {
        // Safety: the strings live for the calls. A symbolic link is unlinked, not followed.
        if unsafe unlink(path) == 0 { return }
        for name in Self.names(in: path) { remove("\(path)/\(name)") }
        _ = unsafe rmdir(path)
    }

    private static func names(in path: String) -> [String] {
        // Safety: the stream is closed at the end, and an entry is copied before the next is read.
        guard let stream = unsafe opendir(path) else { return [] }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafeBytes(of: entry.pointee.d_name) {
                unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }
}
