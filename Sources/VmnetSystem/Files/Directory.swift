import Glibc
import SystemPackage

/// Directories of this user's own (XDG Base Directory Specification).
package enum Directory {
    /// Creates the directory and the missing ones above it, for this user only, unless it exists.
    ///
    /// Throws EPERM when what exists is not a directory, is not this user's, or may be written by others.
    package static func createPrivate(_ path: String) throws(SystemError) {
        try create(path)
        var status = stat()
        try SystemCall.run("look at the directory \(path)") {
            // Safety: the string lives for the call, and the kernel fills one structure.
            unsafe lstat(path, &status)
        }
        let isOwn = status.st_mode & S_IFMT == S_IFDIR && status.st_uid == geteuid()
        guard isOwn, status.st_mode & 0o022 == 0 else {
            throw SystemError(
                "use the directory \(path)", .notPermitted,
                remedy: isOwn
                    ? "it has to be one that others cannot write to: chmod 700 \(path)"
                    : "it has to be a directory of your own; choose another")
        }
    }

    /// The names in a directory, in no order.
    package static func names(in path: String) throws(SystemError) -> [String] {
        // Safety: the string lives for the call; the stream is closed below.
        guard let stream = unsafe opendir(path) else { throw SystemError("list \(path)", Errno(rawValue: errno)) }
        // Safety: what was opened above, closed once.
        defer { unsafe closedir(stream) }
        var names: [String] = []
        // Safety: the entry is the stream's until the next one is read, and its name ends with a zero.
        while let entry = unsafe readdir(stream) {
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) { name in
                unsafe name.withMemoryRebound(to: CChar.self, capacity: 256) { unsafe String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    /// Where state that outlives a reboot is kept: `$XDG_STATE_HOME/openvmnet`, or `~/.local/state/openvmnet`.
    ///
    /// - Parameter environment: looks a variable up, such as `Environment.value`.
    package static func state(_ environment: (String) -> String?) throws(SystemError) -> String {
        if let base = absolute(environment("XDG_STATE_HOME")) { return base + "/openvmnet" }
        if let home = absolute(environment("HOME")) { return home + "/.local/state/openvmnet" }
        throw SystemError(
            "find a directory for leases", .noSuchFileOrDirectory, remedy: "set HOME, XDG_STATE_HOME or --state-dir")
    }

    /// Where sockets are kept: `$XDG_RUNTIME_DIR/openvmnet`, else `/run/user/UID/openvmnet` where a login session has
    /// made that, else `/run/openvmnet` for root and `/tmp/openvmnet-UID` for others.
    package static func runtime(_ environment: (String) -> String?, user: UInt32 = geteuid()) -> String {
        if let base = absolute(environment("XDG_RUNTIME_DIR")) { return base + "/openvmnet" }
        if FileIdentity.type(of: "/run/user/\(user)") == S_IFDIR { return "/run/user/\(user)/openvmnet" }
        return user == 0 ? "/run/openvmnet" : "/tmp/openvmnet-\(user)"
    }

    private static func create(_ path: String) throws(SystemError) {
        // Safety: the string lives for the call.
        switch SystemCall.result({ unsafe mkdir(path, 0o700) }) {
        case .success, .failure(.fileExists): return
        case .failure(.noSuchFileOrDirectory):
            guard let slash = path.lastIndex(of: "/"), slash > path.startIndex else {
                throw refusal(path, .noSuchFileOrDirectory)
            }
            try create(String(path[..<slash]))
            // Safety: the string lives for the call.
            if case .failure(let error) = SystemCall.result({ unsafe mkdir(path, 0o700) }), error != .fileExists {
                throw refusal(path, error)
            }
        case .failure(let error): throw refusal(path, error)
        }
    }

    private static func refusal(_ path: String, _ error: Errno) -> SystemError {
        SystemError("create the directory \(path)", error, remedy: "choose a place that you may write to")
    }

    /// The specification says to ignore a relative path.
    private static func absolute(_ path: String?) -> String? {
        guard let path, path.hasPrefix("/") else { return nil }
        return path
    }
}
