import Glibc

/// Files that are already there: settings in /proc, mount points.
extension File {
    /// Whether `path` leads to something, symbolic links followed.
    package static func exists(_ path: String) -> Bool {
        // Safety: the string lives for the call.
        unsafe access(path, F_OK) == 0
    }

    /// Writes to the file at `path`, which must exist, in one piece: settings of the kernel take no second one.
    package static func overwrite(_ path: String, with text: String) throws(SystemError) {
        let file = try open(path, O_WRONLY, mode: 0, for: "open")
        let raw = file.raw
        // Safety: the kernel reads the text's bytes during the call.
        try SystemCall.run("write \(path)") { unsafe Glibc.write(raw, text, text.utf8.count) }
    }

    /// Whether the device at `path` opens for reading and writing; throws why not.
    package static func checkOpens(_ path: String) throws(SystemError) {
        _ = try open(path, O_RDWR | O_NONBLOCK, mode: 0, for: "open")
    }

    /// What a symbolic link says; nil when there is no link at `path`, or one of more than 4095 bytes.
    package static func linkTarget(_ path: String) -> String? {
        var target = [CChar](repeating: 0, count: 4096)
        // Safety: the kernel writes at most the buffer's size.
        let count = unsafe readlink(path, &target, target.count)
        guard (1..<target.count).contains(count) else { return nil }
        return String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// Permission bits of what `path` leads to; nil when that is nothing.
    package static func permissions(_ path: String) -> UInt32? {
        var status = stat()
        // Safety: the kernel fills in the structure.
        guard unsafe stat(path, &status) == 0 else { return nil }
        return status.st_mode & 0o7777
    }

    /// Makes a directory; `mode` is its permissions.
    package static func makeDirectory(_ path: String, mode: UInt32) throws(SystemError) {
        // Safety: the string lives for the call.
        try SystemCall.run("make the directory \(path)") { unsafe mkdir(path, mode) }
    }
}
