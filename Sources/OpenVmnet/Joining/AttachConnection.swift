import SystemPackage
package import VmnetSystem

/// A client's connection to the attach socket of a network in another process. Every call waits for the answer.
package struct AttachConnection: ~Copyable, Sendable {
    /// A network answers within milliseconds; one that has been stopped (SIGSTOP) does not.
    package static let timeout = Duration.seconds(10)
    /// Far more than an answer has.
    private static let maximumByteCount = 64 << 10

    private let socket: BlockingSocket
    private let address: UnixAddress
    private let timeout: Duration

    /// - Throws: `.notRunning` when nobody listens at the address.
    package init(to address: UnixAddress, timeout: Duration = AttachConnection.timeout) throws(VmnetError) {
        do throws(SystemError) {
            socket = try BlockingSocket.connect(.seqpacket, to: address, timeout: timeout)
        } catch {
            guard error.errno == .noSuchFileOrDirectory || error.errno == .connectionRefused else {
                throw VmnetError(error)
            }
            throw VmnetError(
                .notRunning, "no network runs at \(address)", hint: "openvmnet networks lists those that run")
        }
        self.address = address
        self.timeout = timeout
    }

    /// The same for a socket's path.
    package init(path: String, timeout: Duration = AttachConnection.timeout) throws(VmnetError) {
        let address: UnixAddress
        do throws(SystemError) {
            address = try UnixAddress(path: path, for: "connect to")
        } catch {
            throw VmnetError(error)
        }
        try self.init(to: address, timeout: timeout)
    }

    /// Readable when the network hangs up.
    var descriptor: Int32 { socket.descriptor.raw }

    /// Attaches the guest behind a connected socket or a TAP; the network gets a duplicate of the descriptor.
    package consuming func attach(
        _ descriptor: borrowing Descriptor, _ request: AttachRequest
    ) throws(VmnetError) -> AttachedGuest {
        do throws(SystemError) {
            try DescriptorPassing.send(descriptor.raw, with: request.bytes, over: socket.descriptor.raw)
        } catch {
            throw VmnetError(error)
        }
        guard case .network(let network, let port?, let hasVirtioHeader) = try receive(),
            hasVirtioHeader == request.hasVirtioHeader
        else { throw notUnderstood }
        return AttachedGuest(port: port, network: network, connection: self)
    }

    /// What network it is.
    package func describe(key: String?) throws(VmnetError) -> NetworkDescription {
        guard case .network(let network, nil, _) = try ask(AttachRequest(.describe, key: key)) else {
            throw notUnderstood
        }
        return network
    }

    /// Adds or removes a port forward, which says which port it really has.
    func change(_ action: AttachRequest.Action, _ forward: PortForward) throws(VmnetError) -> PortForward {
        var request = AttachRequest(action)
        request.forward = "\(forward)"
        guard case .forward(let text) = try ask(request) else { throw notUnderstood }
        return try PortForward(text)
    }

    private func ask(_ request: AttachRequest) throws(VmnetError) -> AttachAnswer {
        do throws(SystemError) {
            try socket.send(request.bytes.span)
        } catch {
            throw VmnetError(error)
        }
        return try receive()
    }

    private func receive() throws(VmnetError) -> AttachAnswer {
        var buffer = [UInt8](repeating: 0, count: Self.maximumByteCount)
        do throws(SystemError) {
            guard let count = try socket.receive(into: &buffer) else {
                throw SystemError("get an answer at \(address) within \(timeout)", .timedOut)
            }
            buffer.removeSubrange(count...)
        } catch {
            throw VmnetError(error)
        }
        guard let answer = try? AttachAnswer(parsing: buffer) else { throw notUnderstood }
        if case .refusal(let message, let hint) = answer { throw VmnetError(.refused, message, hint: hint) }
        return answer
    }

    private var notUnderstood: VmnetError {
        VmnetError(
            .system, "what the network at \(address) answered is not understood",
            hint: "is it one of another version? restart it with this one")
    }
}
