import Glibc
import TAPGuest

/// Stands in for systemd: listens at sockets for `serve`, hears what it says at `$NOTIFY_SOCKET`, and keeps the
/// descriptors that it stores (sd_notify(3), sd_listen_fds(3)).
final class ServiceManager {
    private struct Kept {
        let name: String
        let descriptor: Int32
    }

    /// What `$NOTIFY_SOCKET` says: a path, or after `@` an abstract address.
    private let address: String
    private let notifications: Int32
    private var sockets: [Kept] = []
    private var store: [Kept] = []
    /// The lines that `serve` has sent, in order.
    private(set) var lines: [String] = []

    init(hearingAt address: String) throws {
        self.address = address
        notifications = try bindSocket(address, SOCK_DGRAM)
    }

    deinit {
        for descriptor in [notifications] + sockets.map(\.descriptor) + store.map(\.descriptor) { close(descriptor) }
    }

    /// Listens at the path from now on, as a socket unit says.
    func listen(_ kind: SocketKind, at path: String) throws {
        let types = [SocketKind.stream: SOCK_STREAM, .dgram: SOCK_DGRAM, .bess: SOCK_SEQPACKET]
        let descriptor = try bindSocket(path, types[kind] ?? SOCK_STREAM)
        if kind != .dgram { Glibc.listen(descriptor, 64) }
        sockets.append(Kept(name: "openvmnet@lab.socket", descriptor: descriptor))
    }

    /// What starts `serve` as a service; the descriptors that it inherits then are `passed`.
    var prefix: [String] {
        let all = sockets + store
        let names = all.map(\.name).joined(separator: ":")
        return ["env", "NOTIFY_SOCKET=\(address)", "LISTEN_FDS=\(all.count)", "LISTEN_FDNAMES=\(names)"]
            + ["sh", "-c", "export LISTEN_PID=$$; exec \"$@\"", "sh"]
    }

    var passed: [Int32] { (sockets + store).map(\.descriptor) }

    /// The names of the descriptors that it keeps now.
    var storedNames: [String] {
        hear()
        return store.map(\.name)
    }

    /// Waits until `serve` has sent the line.
    func wait(for line: String) async throws {
        try await eventually("the notification \(line)", within: .seconds(10)) {
            hear()
            return lines.contains(line)
        }
    }

    /// Reads every message that is there.
    private func hear() {
        while let (text, descriptor) = receive() {
            let message = text.split(separator: "\n").map(String.init)
            lines += message
            let name = message.first { $0.hasPrefix("FDNAME=") }.map { String($0.dropFirst("FDNAME=".count)) } ?? ""
            if message.contains("FDSTORE=1"), let descriptor {
                store.append(Kept(name: name, descriptor: descriptor))
            } else if message.contains("FDSTOREREMOVE=1") {
                for kept in store where kept.name == name { close(kept.descriptor) }
                store.removeAll { $0.name == name }
            }
        }
    }

    private func receive() -> (text: String, descriptor: Int32?)? {
        var text = [UInt8](repeating: 0, count: 4096)
        var control = [UInt64](repeating: 0, count: 8)
        // Safety: the header's pointers live for the call, and say how far they reach.
        let (count, controlByteCount) = unsafe text.withUnsafeMutableBytes { text in
            unsafe control.withUnsafeMutableBytes { control in
                var vector = unsafe iovec(iov_base: text.baseAddress, iov_len: text.count)
                return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                    var header = unsafe msghdr(
                        msg_name: nil, msg_namelen: 0, msg_iov: vector, msg_iovlen: 1,
                        msg_control: control.baseAddress, msg_controllen: control.count, msg_flags: 0)
                    let count = unsafe recvmsg(
                        notifications, &header, Int32(MSG_DONTWAIT | MSG_CMSG_CLOEXEC))
                    return unsafe (count, Int(header.msg_controllen))
                }
            }
        }
        guard count >= 0 else { return nil }
        // struct cmsghdr of 16 bytes, level and type in the second word, then the descriptor.
        let descriptor = controlByteCount >= 20 ? Int32(truncatingIfNeeded: control[2]) : nil
        return (String(decoding: text[..<count], as: UTF8.self), descriptor.map(Self.moveUp))
    }

    /// A number that no child's inherited descriptors begin with.
    private static func moveUp(_ descriptor: Int32) -> Int32 {
        defer { close(descriptor) }
        return fcntl(descriptor, F_DUPFD_CLOEXEC, 300)
    }

    fileprivate static func bound(_ descriptor: Int32, to address: String) throws -> Int32 {
        var name = sockaddr_un()
        name.sun_family = sa_family_t(AF_UNIX)
        let bytes = (address.first == "@" ? [0] : []) + Array(address.utf8.drop { $0 == UInt8(ascii: "@") })
        // Safety: the paths of these tests are short, and every socket address begins as `sockaddr` does.
        unsafe withUnsafeMutableBytes(of: &name.sun_path) { unsafe $0.copyBytes(from: bytes) }
        let length = socklen_t(MemoryLayout<sa_family_t>.size + bytes.count + (address.first == "@" ? 0 : 1))
        let result = unsafe withUnsafePointer(to: &name) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { unsafe bind(descriptor, $0, length) }
        }
        guard result == 0 else { throw SystemError("bind \(address)") }
        return moveUp(descriptor)
    }
}

private func bindSocket(_ address: String, _ type: __socket_type) throws -> Int32 {
    let descriptor = socket(AF_UNIX, Int32(type.rawValue | SOCK_CLOEXEC.rawValue), 0)
    guard descriptor >= 0 else { throw SystemError("socket") }
    return try ServiceManager.bound(descriptor, to: address)
}
