import OpenVmnet
import SystemPackage
import VmnetSystem
import VmnetWire

/// Takes guests by passed descriptor: one record with a request in JSON and the descriptor (SCM_RIGHTS, unix(7)), one
/// record with the answer. Then the connection ends, or, where that was asked for, the guest stays as long as it does.
///
/// Nothing here waits: a client that says nothing has a place until newer ones need it.
struct AttachDesk {
    /// Clients that have not said anything yet.
    static let mostVisitors = 32
    /// A request is far shorter; a longer one is not understood.
    private static let maximumByteCount = 4096

    private final class Visitor {
        let number: UInt32
        let socket: Descriptor
        /// The guest that leaves with the connection.
        var guest: PortNumber?

        init(_ number: UInt32, _ socket: consuming Descriptor) {
            self.number = number
            self.socket = socket
        }
    }

    private let network: Network
    /// In order of arrival.
    private var visitors: [Visitor] = []
    private var lastNumber: UInt32 = 0

    init(_ network: Network) {
        self.network = network
    }

    /// Lets a client in.
    mutating func admit(_ connection: consuming Descriptor, _ epoll: borrowing Epoll) {
        if visitors.count(where: { $0.guest == nil }) == Self.mostVisitors,
            let oldest = visitors.first(where: { $0.guest == nil })
        {
            dismiss(oldest, epoll)
        }
        lastNumber &+= 1
        let visitor = Visitor(lastNumber, connection)
        // Without memory in the kernel to watch it, it is hung up on.
        guard (try? epoll.add(visitor.socket.raw, .readable, token: ControlWakeSource.visitor(lastNumber).token)) != nil
        else { return }
        visitors.append(visitor)
    }

    /// Serves a client that has said something, or has gone.
    mutating func serve(_ number: UInt32, _ epoll: borrowing Epoll) {
        guard let visitor = visitors.first(where: { $0.number == number }) else { return }
        if let guest = visitor.guest {
            // It has nothing more to say, so it has gone.
            network.detach(guest)
        } else {
            do throws(SystemError) {
                var message = try DescriptorPassing.receive(
                    maximumByteCount: Self.maximumByteCount, over: visitor.socket.raw)
                if !message.bytes.isEmpty { answer(message.bytes, message.descriptor.take(), visitor) }
            } catch {
                if error.errno == .wouldBlock { return }
            }
            if visitor.guest != nil { return }
        }
        dismiss(visitor, epoll)
    }

    private mutating func dismiss(_ visitor: Visitor, _ epoll: borrowing Epoll) {
        try? epoll.remove(visitor.socket.raw)
        visitors.removeAll { $0 === visitor }
    }

    private func answer(_ bytes: [UInt8], _ descriptor: consuming Descriptor?, _ visitor: Visitor) {
        do throws(VmnetError) {
            let request = try Self.request(bytes)
            guard let descriptor = descriptor.take() else {
                throw VmnetError(
                    .invalidConfiguration, "no descriptor came with the request",
                    hint: "send it in the same message, as SCM_RIGHTS")
            }
            let port = try network.attach(
                descriptor, origin: request.label ?? "attach", isolated: request.isolated ?? false)
            send(answer(port), to: visitor)
            if request.whileConnected ?? false { visitor.guest = port }
        } catch {
            send(ErrorDocument(error), to: visitor)
        }
    }

    private func answer(_ port: PortNumber) -> AttachAnswer {
        AttachAnswer(
            port: "\(port)", network: network.name, mode: network.mode.rawValue,
            startAddress: network.host.map { "\($0.address)" }, endAddress: network.addresses.map { "\($0.end)" },
            subnetMask: network.host.map { "\($0.subnet.mask)" }, mtu: network.mtu)
    }

    /// The request that a record holds. A label becomes part of log lines and tables: one line, and not a long one.
    static func request(_ bytes: [UInt8]) throws(VmnetError) -> AttachRequest {
        guard let request = try? ControlJSON.decode(AttachRequest.self, from: bytes) else {
            throw VmnetError(
                .invalidConfiguration, "the request is not understood",
                hint: "send {\"version\":\(ControlJSON.version)}, with \"label\" and \"isolated\" if need be")
        }
        guard request.version == ControlJSON.version else {
            throw VmnetError(
                .invalidConfiguration, "version \(request.version) of the request is not understood",
                hint: "send version \(ControlJSON.version)")
        }
        if let label = request.label {
            guard (1...64).contains(label.utf8.count),
                label.unicodeScalars.allSatisfy({ $0.value >= 32 && $0 != "\u{7f}" })
            else {
                throw VmnetError(
                    .invalidConfiguration, "the label is empty, longer than 64 bytes, or has control characters",
                    hint: "use a short name for the guest")
            }
        }
        return request
    }

    /// A client that does not take the answer does not want it.
    private func send(_ document: some Encodable, to visitor: Visitor) {
        // No document holds a number that JSON lacks.
        guard let bytes = try? ControlJSON.encode(document) else { return }
        _ = Socket.send(visitor.socket.raw, bytes.span)
    }
}
