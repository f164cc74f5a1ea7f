public import VmnetWire

/// A port of this host that leads to a port of a guest: `PROTO:[HOSTADDR:]HOSTPORT:[GUEST:]GUESTPORT`, or
/// `unix:PATH:[GUEST:]GUESTPORT`.
public struct PortForward: Hashable, Sendable {
    /// Where clients come to on this host.
    public enum HostSide: Hashable, Sendable {
        /// A TCP port, 0 for one that the kernel chooses.
        case tcp(HostAddress, port: UInt16)
        /// A UDP port, 0 for one that the kernel chooses.
        case udp(HostAddress, port: UInt16)
        /// A stream socket at this path; what a client sends there is TCP to the guest.
        case unix(path: String)
    }

    /// An address of this host, or all of one family: `0.0.0.0`, `[::]`.
    public enum HostAddress: Hashable, Sendable {
        /// IPv4.
        case v4(IPv4Address)
        /// IPv6 alone, not what is mapped into it.
        case v6(IPv6Address)
    }

    /// Whom a forward leads to.
    public enum Guest: Hashable, Sendable {
        /// The only guest of the network, while there is one.
        case only
        /// Whoever has this IPv4 address, by a lease or by itself.
        case address(IPv4Address)
        /// The station with this MAC address, whatever its IPv4 address.
        case station(MACAddress)
        /// Whoever has leased an address under this host name; in lower case.
        case name(String)
    }

    /// Where clients come to.
    public let host: HostSide
    /// Whom they reach.
    public let guest: Guest
    /// At which of its ports, from 1 on.
    public let guestPort: UInt16

    /// A forward of these parts.
    ///
    /// - Parameters:
    ///   - host: where clients come to.
    ///   - guest: whom they reach.
    ///   - port: at which of its ports.
    /// - Throws: `.invalidConfiguration` for port 0, which no guest has.
    public init(from host: HostSide, to guest: Guest = .only, port: UInt16) throws(VmnetError) {
        guard port > 0 else {
            throw VmnetError(
                .invalidConfiguration, "a forward cannot lead to port 0 of a guest", hint: "use 1 to 65535")
        }
        self.init(host: host, guest: guest, guestPort: port)
    }

    /// A forward of these parts; `guestPort` is not 0.
    init(host: HostSide, guest: Guest, guestPort: UInt16) {
        self.host = host
        self.guest = guest
        self.guestPort = guestPort
    }

    /// Whether the kernel chooses the host's port, so that the same forward can be there twice.
    package var isPortChosenByKernel: Bool {
        switch host {
        case .tcp(_, let port), .udp(_, let port): port == 0
        case .unix: false
        }
    }

    /// Parses `tcp:8080:80`, `udp:0.0.0.0:5353:vm1:53`, `tcp:[::1]:2222:52:54:00:12:34:56:22` or `unix:/run/vm.sock:22`.
    ///
    /// The address of the host is 127.0.0.1 unless given, and IPv6 is written in brackets.
    ///
    /// - Throws: `.invalidConfiguration`, naming the text and what is wrong with it.
    public init(_ text: String) throws(VmnetError) {
        var parser = PortForwardParser(text)
        self = try parser.parse()
    }
}

extension PortForward: CustomStringConvertible {
    /// As it is read, with the host's address given and `GUEST` left out for the only guest.
    public var description: String {
        let target = (guest == .only ? "" : "\(guest):") + "\(guestPort)"
        return "\(host):\(target)"
    }
}

extension PortForward.HostSide: CustomStringConvertible {
    /// `tcp:127.0.0.1:8080`, `unix:/run/vm.sock`.
    public var description: String {
        switch self {
        case .tcp(let address, let port): "tcp:\(address):\(port)"
        case .udp(let address, let port): "udp:\(address):\(port)"
        case .unix(let path): "unix:\(path)"
        }
    }
}

extension PortForward.HostAddress: CustomStringConvertible {
    /// `127.0.0.1`, `[::1]`.
    public var description: String {
        switch self {
        case .v4(let address): "\(address)"
        case .v6(let address): "[\(address)]"
        }
    }
}

extension PortForward.Guest: CustomStringConvertible {
    /// As it stands in a forward; nothing for the only guest.
    public var description: String {
        switch self {
        case .only: ""
        case .address(let address): "\(address)"
        case .station(let station): "\(station)"
        case .name(let name): name
        }
    }
}
