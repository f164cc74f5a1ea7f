import SystemPackage
import VmnetNAT
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// A port forward at work: its socket on the host's side, and where it leads at the moment.
final class ActiveForward {
    /// Room of a UDP socket, to send and to receive: some bursts in each direction.
    private static let socketBufferByteCount = 1 << 20

    /// A port of a guest behind one of the network's ports.
    struct Destination: Equatable {
        let port: PortID
        let target: ForwardTarget
        /// The guest has its address by a lease, and the DHCP server knows when it is gone.
        let isLeased: Bool

        init(_ guest: GuestDirectory.Guest, guestPort: UInt16) {
            port = guest.port
            target = ForwardTarget(address: guest.address, port: guestPort, station: guest.station)
            isLeased = guest.isLeased
        }
    }

    private enum Kind {
        case stream(InternetEndpoint)
        case datagram
        case unix
    }

    /// Closes the socket in the end.
    private enum Owner: ~Copyable {
        case internet(Descriptor)
        case unix(BoundSocket)
    }

    let id: ForwardID
    /// With the port that it really has.
    let forward: PortForward
    private let kind: Kind
    private let owner: Owner
    /// The socket, which is the owner's.
    private let descriptor: Int32
    /// Where it leads; nil while it waits.
    private(set) var destination: Destination?
    /// Where it led last: what it has opened there may still be open.
    private(set) var lastDestination: Destination?
    /// Why it waits.
    private(set) var reason = ""
    /// The loop waits for clients.
    var isWatched = false
    /// Clients are not accepted for a while, for want of descriptors.
    var isPaused = false
    var acceptedCount: UInt64 = 0
    var refusedCount: UInt64 = 0
    /// Of sockets that guests' NATs have closed again.
    var datagrams = DatagramCounts()

    /// Binds the host's side. Clients are refused until `lead`.
    init(_ forward: PortForward, id: ForwardID) throws(SystemError) {
        self.id = id
        let endpoint: InternetEndpoint?
        switch forward.host {
        case .tcp(let address, let port):
            let socket = try InternetSocket.bindStream(to: InternetEndpoint(address, port))
            endpoint = InternetEndpoint(nameOf: socket.raw)
            kind = .stream(endpoint ?? InternetEndpoint(address, port))
            descriptor = socket.raw
            owner = .internet(socket)
        case .udp(let address, let port):
            let socket = try InternetSocket.bindDatagram(
                to: InternetEndpoint(address, port), bufferByteCount: Self.socketBufferByteCount)
            InternetSocket.setDeaf(true, socket.raw)
            endpoint = InternetEndpoint(nameOf: socket.raw)
            kind = .datagram
            descriptor = socket.raw
            owner = .internet(socket)
        case .unix(let path):
            let socket = try BoundSocket(.stream, path: path)
            endpoint = nil
            kind = .unix
            descriptor = socket.descriptor
            owner = .unix(socket)
        }
        self.forward = forward.replacing(port: endpoint?.port)
    }

    /// For the loop to watch, and to accept from; nil for UDP, which the guest's NAT watches.
    var listener: Int32? {
        switch kind {
        case .stream, .unix: descriptor
        case .datagram: nil
        }
    }

    /// Whether clients come from an Internet address.
    var isInternet: Bool {
        switch kind {
        case .stream, .datagram: true
        case .unix: false
        }
    }

    /// Lets clients in.
    ///
    /// - Returns: for UDP, the socket for the guest's NAT.
    func lead(to destination: Destination) throws(SystemError) -> Descriptor? {
        var handed: Descriptor?
        switch kind {
        case .stream(let endpoint): try InternetSocket.listen(descriptor, at: endpoint)
        case .datagram:
            handed = try Descriptor.duplicate(descriptor)
            InternetSocket.setDeaf(false, descriptor)
        case .unix: break
        }
        self.destination = destination
        lastDestination = destination
        return handed
    }

    /// Refuses clients from now on: a Unix socket's are accepted and let go, for it cannot stop listening.
    func wait(_ reason: String) {
        self.reason = reason
        guard destination != nil else { return }
        destination = nil
        switch kind {
        case .stream: InternetSocket.refuse(descriptor)
        case .datagram: InternetSocket.setDeaf(true, descriptor)
        case .unix: break
        }
    }
}

extension PortForward {
    /// The same at another port of the host.
    fileprivate func replacing(port: UInt16?) -> PortForward {
        guard let port else { return self }
        return switch host {
        case .tcp(let address, _): PortForward(host: .tcp(address, port: port), guest: guest, guestPort: guestPort)
        case .udp(let address, _): PortForward(host: .udp(address, port: port), guest: guest, guestPort: guestPort)
        case .unix: self
        }
    }
}

extension InternetEndpoint {
    fileprivate init(_ address: PortForward.HostAddress, _ port: UInt16) {
        switch address {
        case .v4(let address): self.init(high: 0, low: 0xffff_0000_0000 | UInt64(address.bits), port: port)
        case .v6(let address): self.init(high: address.high, low: address.low, port: port)
        }
    }
}
