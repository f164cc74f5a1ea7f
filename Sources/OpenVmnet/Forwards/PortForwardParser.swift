import VmnetDHCP
import VmnetWire

/// Takes the text of a port forward apart, from both ends: a MAC address in its middle has colons of its own.
struct PortForwardParser {
    /// Bytes of `sun_path` without its closing zero (unix(7)).
    private static let longestPath = 107
    private static let form =
        "write tcp:[HOSTADDR:]HOSTPORT:[GUEST:]GUESTPORT, udp:... likewise, or unix:PATH:[GUEST:]GUESTPORT"

    private let text: String
    /// What has not been read yet.
    private var rest: Substring

    init(_ text: String) {
        self.text = text
        rest = text[...]
    }

    mutating func parse() throws(VmnetError) -> PortForward {
        guard let proto = takeField(), !rest.isEmpty else { throw refusal("it has no colon", Self.form) }
        switch proto {
        case "tcp", "udp":
            let (address, port) = try (takeHostAddress(), takeHostPort())
            let (guest, guestPort) = try parseGuestSide()
            let host: PortForward.HostSide =
                proto == "tcp" ? .tcp(address, port: port) : .udp(address, port: port)
            return PortForward(host: host, guest: guest, guestPort: guestPort)
        case "unix": return try parseUnix()
        default: throw refusal("'\(proto)' is no protocol", Self.form)
        }
    }

    // MARK: The host's side

    /// IPv6 stands in brackets, and IPv4 has dots; neither: the loopback address.
    private mutating func takeHostAddress() throws(VmnetError) -> PortForward.HostAddress {
        if rest.first == "[" {
            guard let end = rest.firstIndex(of: "]"), let address = IPv6Address(String(rest[..<end].dropFirst())),
                rest[end...].dropFirst().first == ":"
            else {
                throw refusal("it has no IPv6 address between brackets and a colon behind", "write [::1]:HOSTPORT")
            }
            rest = rest[end...].dropFirst(2)
            return .v6(address)
        }
        let field = rest.prefix { $0 != ":" }
        guard field.contains(".") else { return .v4(.loopback) }
        guard let address = IPv4Address(String(field)) else {
            throw refusal(
                "'\(field)' is no IPv4 address", "write the host's address as 0.0.0.0, or leave it out for 127.0.0.1")
        }
        _ = takeField()
        return .v4(address)
    }

    private mutating func takeHostPort() throws(VmnetError) -> UInt16 {
        guard let field = takeField() else {
            throw refusal("it ends before the guest's port", Self.form)
        }
        guard let port = Self.number(field) else {
            throw refusal(
                "'\(field)' is no port of this host",
                "write a number from 1 to 65535, 0 for one that the kernel chooses; IPv6 addresses stand in brackets")
        }
        return port
    }

    /// The path may have colons itself, as long as no slash follows one.
    private mutating func parseUnix() throws(VmnetError) -> PortForward {
        let (head, port) = try takeGuestPort()
        var path = head
        var guest = PortForward.Guest.only
        if let colon = Self.guestColon(in: head) {
            path = head[..<colon]
            guest = try parseGuest(head[colon...].dropFirst())
        }
        guard !path.isEmpty else { throw refusal("it has no path", Self.form) }
        guard path.utf8.count <= Self.longestPath else {
            throw refusal(
                "its path has \(path.utf8.count) bytes, and a socket's may have \(Self.longestPath)",
                "choose a shorter one, such as one under /tmp or $XDG_RUNTIME_DIR")
        }
        return PortForward(host: .unix(path: String(path)), guest: guest, guestPort: port)
    }

    /// The colon before the guest, if one is named: a MAC address has five more.
    private static func guestColon(in text: Substring) -> Substring.Index? {
        guard let last = text.lastIndex(of: ":"), !text[last...].contains("/") else { return nil }
        let colons = text.indices.filter { text[$0] == ":" }
        if colons.count >= 6 {
            let candidate = colons[colons.count - 6]
            if MACAddress(String(text[candidate...].dropFirst())) != nil { return candidate }
        }
        return last
    }

    // MARK: The guest's side

    private mutating func parseGuestSide() throws(VmnetError) -> (PortForward.Guest, UInt16) {
        let (head, port) = try takeGuestPort()
        return (head.isEmpty ? .only : try parseGuest(head), port)
    }

    /// The number behind the last colon, and what is before that.
    private mutating func takeGuestPort() throws(VmnetError) -> (head: Substring, port: UInt16) {
        let colon = rest.lastIndex(of: ":")
        let field = colon.map { rest[$0...].dropFirst() } ?? rest
        guard let port = Self.number(field), port > 0 else {
            throw refusal("'\(field)' is no port of the guest", "end it with a number from 1 to 65535")
        }
        return (colon.map { rest[..<$0] } ?? "", port)
    }

    private func parseGuest(_ field: Substring) throws(VmnetError) -> PortForward.Guest {
        let text = String(field)
        if let address = IPv4Address(text) { return .address(address) }
        if let station = MACAddress(text) { return .station(station) }
        // As it is kept of what a guest calls itself.
        guard let name = HostName(sanitizing: text), name.text == text, !text.allSatisfy(\.isNumber) else {
            throw refusal("'\(text)' is no guest", "name it by its IPv4 address, its MAC address or its host name")
        }
        return .name(text.lowercased())
    }

    // MARK: Fields

    /// Takes everything up to the next colon; nil when there is none.
    private mutating func takeField() -> Substring? {
        guard let colon = rest.firstIndex(of: ":") else { return nil }
        defer { rest = rest[colon...].dropFirst() }
        return rest[..<colon]
    }

    private static func number(_ text: Substring) -> UInt16? {
        text.allSatisfy { ("0"..."9").contains($0) } ? UInt16(text) : nil
    }

    private func refusal(_ reason: String, _ hint: String) -> VmnetError {
        VmnetError(.invalidConfiguration, "cannot forward '\(text)': \(reason)", hint: hint)
    }
}
