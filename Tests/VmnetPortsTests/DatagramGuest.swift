import Glibc
import Testing
import VmnetSystem

/// A guest that is restarted now and then, at a path of its own.
final class DatagramGuest {
    enum Style {
        /// Each datagram is addressed to the server's path, as QEMU does.
        case addressing
        /// The socket is connected to the server's path first, as libkrun and vfkit do.
        case connecting
    }

    private let end: GuestEnd
    private let server: String
    private let style: Style

    /// - Parameter path: where the guest binds itself, in the place of what is there; nil for not at all.
    init(_ style: Style, path: String?, server: String) throws {
        self.style = style
        self.server = server
        // Safety: the string lives for the call.
        if let path { _ = unsafe unlink(path) }
        end = GuestEnd(
            style == .connecting
                ? try Socket.connect(.datagram, to: server, boundTo: path) : try Self.bindSocket(to: path))
    }

    private static func bindSocket(to path: String?) throws -> Descriptor {
        let socket = try Socket.unix(.datagram)
        guard let path else { return socket }
        let raw = socket.raw
        // Safety: the address lives for the call.
        try #require(unsafe withAddress(path) { unsafe bind(raw, $0, $1) } == 0)
        return socket
    }

    /// Returns whether there was room.
    @discardableResult
    func send(_ bytes: [UInt8]) -> Bool {
        switch style {
        case .connecting: end.send(bytes)
        // Safety: the bytes live for the call.
        case .addressing:
            unsafe Self.withAddress(server) {
                unsafe sendto(end.raw, bytes, bytes.count, Int32(MSG_DONTWAIT | MSG_NOSIGNAL), $0, $1)
            } == bytes.count
        }
    }

    func receive() -> [UInt8]? { end.receive() }
    func receiveMessages() -> [[UInt8]] { end.receiveMessages() }
    func close() { end.close() }

    private static func withAddress<R>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> R) -> R {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        // Safety: the paths of these tests are short, and every socket address begins as `sockaddr` does.
        unsafe withUnsafeMutableBytes(of: &address.sun_path) { unsafe $0.copyBytes(from: path.utf8) }
        return unsafe withUnsafePointer(to: &address) {
            unsafe $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }
}
