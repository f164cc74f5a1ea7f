import Glibc

/// An IPv4 address and a port.
package struct Endpoint: Sendable {
    private let storage: sockaddr_in

    /// Nil unless `address` is four numbers with dots.
    package init?(_ address: String, port: UInt16) {
        var storage = sockaddr_in()
        storage.sin_family = sa_family_t(AF_INET)
        storage.sin_port = port.bigEndian
        // Safety: the string lives for the call, and inet_pton writes one in_addr.
        guard unsafe inet_pton(AF_INET, address, &storage.sin_addr) == 1 else { return nil }
        self.storage = storage
    }

    /// Any address of this machine.
    package static func any(port: UInt16) -> Endpoint {
        var storage = sockaddr_in()
        storage.sin_family = sa_family_t(AF_INET)
        storage.sin_port = port.bigEndian
        return Endpoint(storage)
    }

    private init(_ storage: sockaddr_in) { self.storage = storage }

    /// Lends the address to a system call.
    func withSocketAddress(_ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        unsafe withUnsafePointer(to: storage) { pointer in
            // Safety: every socket address begins with sockaddr's fields, and the length is the whole one's.
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { generic in
                unsafe body(generic, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
