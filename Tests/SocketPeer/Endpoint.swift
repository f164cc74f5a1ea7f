import Glibc

/// What the operating system answered, or what was wrong with an argument.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    init(errno operation: String) {
        // Safety: strerror returns a NUL-terminated string that String copies at once.
        description = unsafe "\(operation): \(String(cString: strerror(errno)))"
    }
}

/// An IPv4 address and a port.
struct Endpoint: CustomStringConvertible {
    var address = sockaddr_in()

    init() {}

    /// Reads `192.0.2.1:80`.
    init(_ text: String) throws(Failure) {
        let parts = text.split(separator: ":")
        guard parts.count == 2, let port = UInt16(parts[1]) else { throw Failure("no endpoint: \(text)") }
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        // Safety: the string lives for the call, which writes one address.
        guard unsafe inet_pton(AF_INET, String(parts[0]), &address.sin_addr) == 1 else {
            throw Failure("no address: \(text)")
        }
    }

    var port: UInt16 { UInt16(bigEndian: address.sin_port) }

    var description: String {
        let bits = UInt32(bigEndian: address.sin_addr.s_addr)
        let octets = [24, 16, 8, 0].map { "\(bits >> $0 & 255)" }
        return "\(octets.joined(separator: ".")):\(port)"
    }

    /// Lends it as the system calls take it.
    mutating func withAddress<R>(_ body: (UnsafeMutablePointer<sockaddr>, socklen_t) -> R) -> R {
        // Safety: every socket address begins with sockaddr's fields, and the length is the whole one's.
        unsafe withUnsafeMutablePointer(to: &address) { pointer in
            unsafe pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                unsafe body($0, socklen_t(MemoryLayout<sockaddr_in>.size))
            }
        }
    }
}
