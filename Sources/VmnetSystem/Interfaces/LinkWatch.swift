import CVmnetLinux
import Glibc
import SystemPackage

/// Tells when an interface of this thread's network namespace appears, disappears or changes (rtnetlink(7),
/// RTMGRP_LINK).
package struct LinkWatch: ~Copyable, Sendable {
    private let socket: Descriptor

    package init() throws(SystemError) {
        let operation = "watch the kernel's interfaces"
        let socket = Descriptor(
            owning: try SystemCall.run(operation) {
                Glibc.socket(
                    AF_NETLINK, Int32(SOCK_RAW.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue),
                    NETLINK_ROUTE)
            })
        var address = sockaddr_nl()
        address.nl_family = UInt16(AF_NETLINK)
        address.nl_groups = UInt32(RTMGRP_LINK)
        let raw = socket.raw
        try SystemCall.run(operation) {
            // Safety: sockaddr_nl begins as every sockaddr does, and the kernel copies as much as the length says.
            unsafe withUnsafePointer(to: &address) {
                unsafe Glibc.bind(
                    raw, UnsafeRawPointer($0).assumingMemoryBound(to: sockaddr.self),
                    socklen_t(MemoryLayout<sockaddr_nl>.size))
            }
        }
        self.socket = socket
    }

    /// Readable when there is something to take.
    package var descriptor: Int32 { socket.raw }

    /// Takes what has been told since the last call; returns whether any of it may be about the interface of that name
    /// or number.
    package borrowing func takeNews(of name: String, _ index: Int32?) -> Bool {
        var hasNews = false
        var buffer = [UInt8](repeating: 0, count: 32 << 10)
        while true {
            var room = buffer.mutableSpan
            switch socket.read(into: &room) {
            case .moved(let count):
                Netlink.forEachMessage(in: buffer[..<count]) { message in
                    if Self.isAbout(message, name, index) { hasNews = true }
                }
            case .wouldBlock: return hasNews
            // Some was lost for want of room, and nobody knows of what.
            case .failed(.noBufferSpace): hasNews = true
            case .failed: return hasNews
            }
        }
    }

    /// Whether there is an interface of that name now.
    package borrowing func hasInterface(named name: String) -> Bool {
        (try? InterfaceState(named: name, through: socket.raw)).flatMap { $0 } != nil
    }

    private static func isAbout(_ message: Netlink.Message, _ name: String, _ index: Int32?) -> Bool {
        // struct ifinfomsg: family, padding, 16 bits of type, then the interface's number, flags and changed flags.
        guard message.type == RTM_NEWLINK || message.type == RTM_DELLINK, message.payload.count >= 16 else {
            return false
        }
        if let index, message.payload.word(at: 4) == UInt32(bitPattern: index) { return true }
        let bytes = message.attributes(after: 16)[UInt16(IFLA_IFNAME)]?.bytes
        return bytes.map { $0.prefix { $0 != 0 }.elementsEqual(name.utf8) } ?? false
    }
}
