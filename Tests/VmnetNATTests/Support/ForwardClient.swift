import Glibc
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// A program on the host whose connection a forward leads to port 22 of the guest.
final class ForwardClient {
    static let forward = ForwardID(rawValue: 1)
    static let target = ForwardTarget(address: Guest.address, port: 22, station: Guest.station)

    /// The program's end.
    let socket: HostSocket
    /// What the NAT was told that its address is.
    let name: InternetEndpoint?
    /// Whether the guest was asked.
    let isAccepted: Bool

    /// - Parameters:
    ///   - name: where it claims to be; where it is, unless given.
    ///   - isUnix: whether it comes by a Unix socket.
    init(
        _ guest: Guest, from name: InternetEndpoint? = nil, isUnix: Bool = false, to target: ForwardTarget = target,
        for forward: ForwardID = forward
    ) throws {
        let ours: Int32
        if isUnix {
            let pair = try Socket.pair(.stream)
            socket = HostSocket(adopting: pair.first.release())
            ours = pair.second.release()
        } else {
            let listener = HostSocket.listener()
            socket = HostSocket.stream(to: listener.port)
            guard let server = listener.accept() else { preconditionFailure("no connection") }
            ours = server.release()
        }
        self.name = isUnix ? nil : name ?? InternetEndpoint(peerOf: ours)
        isAccepted = guest.nat.accept(
            Descriptor(owning: ours), from: self.name, to: target, for: forward, now: guest.now)
        guest.nat.finishBatch(now: guest.now)
    }

    /// The guest's end, once it has answered the SYN with its own.
    func answer(by guest: Guest, options: [UInt8] = [2, 4, 0x05, 0xb4]) -> Connection? {
        guard let (syn, source) = guest.awaitSYN() else { return nil }
        let connection = Connection(
            guest, from: Self.target.port, to: Endpoint(source, syn.sourcePort), sequence: 500)
        connection.answer(syn, options: options)
        return connection
    }
}

extension Guest {
    /// The next SYN, and whom it is from.
    func awaitSYN() -> (header: TCPHeader, source: IPv4Address)? {
        self.await { frame in
            guard let packet = Packet(frame), let header = packet.tcp?.header, header.flags == .syn else { return nil }
            return (header, packet.header.source)
        }
    }
}
