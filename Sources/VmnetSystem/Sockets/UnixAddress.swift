import CVmnetLinux
import Glibc
import SystemPackage

/// The name of a Unix socket, as `struct sockaddr_un` holds it.
///
/// Equality is that of the name's bytes, so a client that binds the same path again compares equal.
package struct UnixAddress: Equatable, Sendable {
    /// Bytes of `sun_path`, the closing zero included.
    package static let pathCapacity = 108

    /// The bytes of the name: a path without its closing zero, or an abstract name with its opening zero. Never empty.
    package let name: [UInt8]

    /// The address of a path.
    ///
    /// - Parameters:
    ///   - path: at most 107 bytes, which is what the kernel's address structure holds.
    ///   - operation: for the error's sentence: `bind` or `connect to`.
    package init(path: String, for operation: String) throws(SystemError) {
        let bytes = Array(path.utf8)
        guard !bytes.isEmpty, !bytes.contains(0) else {
            throw SystemError(
                "\(operation) the socket \"\(path)\"", .invalidArgument, remedy: "a path has at least one character")
        }
        guard bytes.count < Self.pathCapacity else {
            throw SystemError(
                "\(operation) the socket \(path)", .fileNameTooLong,
                remedy: "the path has \(bytes.count) bytes and a socket's may have \(Self.pathCapacity - 1): "
                    + "choose a shorter directory, such as $XDG_RUNTIME_DIR")
        }
        name = bytes
    }

    /// An address without a file, abstract (unix(7)).
    ///
    /// - Parameters:
    ///   - abstractName: 1 to 107 bytes, without the zero that goes before them.
    ///   - operation: for the error's sentence: `bind` or `connect to`.
    package init(abstractName: String, for operation: String) throws(SystemError) {
        let bytes = Array(abstractName.utf8)
        guard (1..<Self.pathCapacity).contains(bytes.count) else {
            throw SystemError("\(operation) the socket @\(abstractName)", .invalidArgument)
        }
        name = [0] + bytes
    }

    /// The address that the kernel has filled in; nil for a socket without a name.
    init?(_ address: sockaddr_un, byteCount: Int) {
        let nameCount = min(byteCount - Self.nameOffset, Self.pathCapacity)
        guard nameCount > 0 else { return nil }
        // Safety: the tuple is bytes, and nameCount is at most its size.
        let bytes = unsafe withUnsafeBytes(of: address.sun_path) { unsafe Array($0.prefix(nameCount)) }
        // A path ends at its zero; an abstract name, which begins with one, is as long as it is.
        name = bytes[0] == 0 ? bytes : Array(bytes.prefix { $0 != 0 })
    }

    /// Whether the kernel's address is this one.
    func matches(_ address: sockaddr_un, byteCount: Int) -> Bool {
        let nameCount = min(byteCount - Self.nameOffset, Self.pathCapacity)
        let isPath = name[0] != 0
        guard isPath ? nameCount >= name.count : nameCount == name.count else { return false }
        // Safety: the tuple is bytes, and both counts are at most its size.
        return unsafe withUnsafeBytes(of: address.sun_path) { bytes in
            unsafe bytes.prefix(name.count).elementsEqual(name)
                && (nameCount == name.count || !isPath || bytes[name.count] == 0)
        }
    }

    private static var nameOffset: Int { MemoryLayout<sa_family_t>.size }

    /// Lends the address to a C call.
    func withSocketAddress<R>(_ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Safety: `name` has at most `pathCapacity` bytes by construction.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: name) }
        let isPath = name.first != 0 && name.count < Self.pathCapacity
        let byteCount = socklen_t(Self.nameOffset + name.count + (isPath ? 1 : 0))
        // Safety: every socket address begins as `sockaddr` does, and the kernel reads `byteCount` bytes of it.
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe body($0, byteCount) }
        }
    }
}

extension UnixAddress: CustomStringConvertible {
    /// The path; an abstract name is shown with `@` for its first byte.
    package var description: String {
        name.first == 0
            ? "@" + String(decoding: name.dropFirst(), as: UTF8.self) : String(decoding: name, as: UTF8.self)
    }
}
