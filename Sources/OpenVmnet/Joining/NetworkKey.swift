import VmnetSystem

/// What a network of a program is given away as: the name of a socket, and the key that the socket asks for.
///
/// The name is abstract (unix(7)): it leaves no file behind, and other users' processes of the same network namespace may
/// come to it. The key is what keeps out those who were not given it; both are 128 random bits.
///
/// As a text: `openvmnet:1:NAME:KEY`, in hexadecimal.
package struct NetworkKey: Equatable, Sendable {
    /// The abstract socket's name.
    package let socketName: String
    package let key: String

    /// A new one.
    package init() {
        var source = SystemRandomNumberGenerator()
        self.init(name: Self.digits(source.next()), key: Self.digits(source.next()))
    }

    private init(name: String, key: String) {
        socketName = "openvmnet-\(name)"
        self.key = key
    }

    private static func digits(_ bits: UInt128) -> String {
        let digits = String(bits, radix: 16)
        return String(repeating: "0", count: 32 - digits.count) + digits
    }
}

extension NetworkKey: LosslessStringConvertible {
    /// nil for another text.
    package init?(_ description: String) {
        let parts = description.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count == 4, parts[0] == "openvmnet", parts[1] == "1",
            parts[2...].allSatisfy({ $0.utf8.count == 32 && $0.allSatisfy(\.isHexDigit) })
        else { return nil }
        self.init(name: String(parts[2]), key: String(parts[3]))
    }

    package var description: String {
        "openvmnet:1:\(socketName.dropFirst("openvmnet-".count)):\(key)"
    }
}
