import SystemPackage
import VmnetSystem

/// Takes guests by passed descriptor: one record with a request in JSON and the descriptor (SCM_RIGHTS, unix(7)), one
/// record with the answer. Then the connection ends, or, where that was asked for, the guest stays as long as it does.
///
/// Nothing here waits: a client that says nothing has a place until newer ones need it. The network may end meanwhile.
struct AttachDesk: ~Copyable {
    /// Clients that have not said anything yet.
    static let mostVisitors = 32
    /// A request is far shorter; a longer one is not understood.
    private static let maximumByteCount = 4096

    private weak let network: Network?
    /// nil: whoever can connect is let in.
    private let key: String?
    /// In order of arrival.
    private var visitors: [AttachVisitor] = []
    private var lastNumber: UInt32 = 0

    init(_ network: Network, key: String?) {
        self.network = network
        self.key = key
    }

    /// Lets a client in.
    mutating func admit(_ connection: consuming Descriptor, _ epoll: borrowing Epoll) {
        if visitors.count(where: { $0.guest == nil }) == Self.mostVisitors,
            let oldest = visitors.first(where: { $0.guest == nil })
        {
            dismiss(oldest, epoll)
        }
        lastNumber &+= 1
        let visitor = AttachVisitor(lastNumber, connection)
        // Without memory in the kernel to watch it, it is hung up on.
        guard (try? epoll.add(visitor.socket.raw, .readable, token: AttachWakeSource.visitor(lastNumber).token)) != nil
        else { return }
        visitors.append(visitor)
    }

    /// Serves a client that has said something, or has gone.
    mutating func serve(_ number: UInt32, _ epoll: borrowing Epoll) {
        guard let visitor = visitors.first(where: { $0.number == number }) else { return }
        do throws(SystemError) {
            var message = try DescriptorPassing.receive(
                maximumByteCount: Self.maximumByteCount, over: visitor.socket.raw)
            if !message.bytes.isEmpty {
                send(answer(message.bytes, message.descriptor.take(), visitor), to: visitor)
                if visitor.guest != nil { return }
            }
        } catch {
            if error.errno == .wouldBlock { return }
        }
        dismiss(visitor, epoll)
    }

    /// Everybody leaves, with the guests that stay only as long as they do.
    mutating func close(_ epoll: borrowing Epoll) {
        for visitor in visitors { dismiss(visitor, epoll) }
    }

    private mutating func dismiss(_ visitor: AttachVisitor, _ epoll: borrowing Epoll) {
        try? epoll.remove(visitor.socket.raw)
        visitors.removeAll { $0 === visitor }
        for forward in visitor.forwards { try? network?.removeForward(forward) }
        if let guest = visitor.guest { network?.detach(guest) }
    }

    private func answer(
        _ bytes: [UInt8], _ descriptor: consuming Descriptor?, _ visitor: AttachVisitor
    ) -> AttachAnswer {
        do throws(VmnetError) {
            let request = try AttachRequest(parsing: bytes)
            guard let network else { throw VmnetError(.notRunning, "the network has ended") }
            guard visitor.guest != nil || key == nil || request.key == key else {
                throw VmnetError(
                    .invalidConfiguration, "the request is without the network's key",
                    hint: "join it with what its owner's serialization says")
            }
            switch request.action {
            case .attach: return try attach(request, descriptor, visitor, to: network)
            case .describe: return .network(NetworkDescription(network), port: nil, hasVirtioHeader: false)
            case .addForward: return .forward("\(try visitor.addForward(request, to: network))")
            case .removeForward: return .forward("\(try visitor.removeForward(request, from: network))")
            }
        } catch {
            return AttachAnswer(error)
        }
    }

    private func attach(
        _ request: AttachRequest, _ descriptor: consuming Descriptor?, _ visitor: AttachVisitor, to network: Network
    ) throws(VmnetError) -> AttachAnswer {
        guard let descriptor = descriptor.take() else {
            throw VmnetError(
                .invalidConfiguration, "no descriptor came with the request",
                hint: "send it in the same message, as SCM_RIGHTS")
        }
        guard visitor.guest == nil else {
            throw VmnetError(
                .invalidConfiguration, "a guest has come over this connection already",
                hint: "connect once for each guest")
        }
        // Whoever shares an open TAP can have a read of it wait.
        guard !visitor.isForeign || !TapInterface.isInterface(descriptor.raw) else {
            throw VmnetError(.refused, "another user's guest cannot be a TAP", hint: "pass a connected socket")
        }
        let port = try network.attach(
            descriptor, origin: request.label ?? "attach", isolated: request.isIsolated,
            hasVirtioHeader: request.hasVirtioHeader, identity: request.interfaceID)
        if request.isWhileConnected { visitor.guest = port }
        return .network(NetworkDescription(network), port: "\(port)", hasVirtioHeader: request.hasVirtioHeader)
    }

    /// A client that does not take the answer does not want it.
    private func send(_ answer: AttachAnswer, to visitor: AttachVisitor) {
        _ = Socket.send(visitor.socket.raw, answer.bytes.span)
    }
}
