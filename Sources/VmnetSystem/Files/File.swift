import Glibc
import SystemPackage

/// Whole files.
package enum File {
    /// The contents of the file at `path`; nil when there is none. Throws EFBIG for more than `maximumByteCount` bytes.
    package static func read(_ path: String, maximumByteCount: Int) throws(SystemError) -> [UInt8]? {
        let file: Descriptor
        do throws(SystemError) {
            file = try open(path, O_RDONLY, mode: 0, for: "read")
        } catch {
            if error.errno == .noSuchFileOrDirectory { return nil }
            throw error
        }
        var contents: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            var room = chunk.mutableSpan
            switch file.read(into: &room) {
            case .moved(0): return contents
            case .moved(let count): contents += chunk.prefix(count)
            case .wouldBlock: throw SystemError("read \(path)", .wouldBlock)
            case .failed(let error): throw SystemError("read \(path)", error)
            }
            guard contents.count <= maximumByteCount else { throw SystemError("read \(path)", .fileTooLarge) }
        }
    }

    /// Replaces the file at `path`, or creates it: whoever reads it, also after a crash, finds the old contents or the
    /// new, whole.
    ///
    /// - Parameters:
    ///   - mode: the new file's permissions.
    ///   - isDurable: whether to wait until the contents are on the disk. Without it a power cut, but no crash of this
    ///     process, may leave the file empty on some file systems.
    package static func replace(
        _ path: String, with contents: Span<UInt8>, mode: UInt32 = 0o600, isDurable: Bool = false
    ) throws(SystemError) {
        let temporary = "\(path).\(getpid()).\(UInt32.random(in: 0 ... .max))"
        do throws(SystemError) {
            let file = try open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: mode, for: "create")
            try writeAll(contents, to: file, name: temporary)
            if isDurable { try SystemCall.run("write \(temporary) to the disk") { fsync(file.raw) } }
            // Safety: both strings live for the call.
            try SystemCall.run("replace \(path)") { unsafe rename(temporary, path) }
        } catch {
            // Safety: the string lives for the call.
            _ = unsafe unlink(temporary)
            throw error
        }
    }

    /// Removes the file at `path`.
    package static func remove(_ path: String) throws(SystemError) {
        // Safety: the string lives for the call.
        try SystemCall.run("remove \(path)") { unsafe unlink(path) }
    }

    static func writeAll(_ contents: Span<UInt8>, to file: borrowing Descriptor, name: String) throws(SystemError) {
        var written = 0
        while written < contents.count {
            switch file.write(contents.extracting(droppingFirst: written)) {
            case .moved(let count): written += count
            case .wouldBlock: throw SystemError("write \(name)", .wouldBlock)
            case .failed(let error): throw SystemError("write \(name)", error)
            }
        }
    }

    /// Opens a file, closed on exec. `operation` names the try in the error: "`operation` PATH".
    static func open(
        _ path: String, _ flags: Int32, mode: mode_t, for operation: String
    ) throws(SystemError) -> Descriptor {
        Descriptor(
            owning: try SystemCall.run("\(operation) \(path)") {
                // Safety: the string lives for the call.
                unsafe Glibc.open(path, flags | O_CLOEXEC, mode)
            })
    }
}
