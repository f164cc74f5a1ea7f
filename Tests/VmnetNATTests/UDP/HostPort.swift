import VmnetSystem
import VmnetTesting
import VmnetWire

/// A UDP socket of a program on the host, at an address of its loopback interface.
final class HostPort {
    struct Message: Equatable {
        let source: InternetEndpoint
        let payload: [UInt8]
        let segmentByteCount: Int
        let typeOfService: UInt8
    }

    private let descriptor: Descriptor
    private let receiving = DatagramReceiveBatch()
    private var sending = DatagramSendBatch()
    let endpoint: InternetEndpoint

    /// - Parameter address: of 127/8, or ::1.
    init(_ address: IPAddress = "127.0.0.1") throws {
        switch address {
        case .v4(let address):
            descriptor = Descriptor(owning: HostSocket.datagram(on: address.bits).release())
        case .v6:
            descriptor = try DatagramSocket.open(isIPv4: false, isLocal: true, bufferByteCount: 1 << 20)
        }
        guard let endpoint = InternetEndpoint(nameOf: descriptor.raw) else { preconditionFailure("no name") }
        self.endpoint = endpoint
    }

    /// What has come, in order.
    func receive() -> [Message] {
        var messages: [Message] = []
        while case .moved(let count) = receiving.receive(descriptor.raw, limit: 32), count > 0 {
            for index in 0..<count {
                let message = receiving.message(index)
                guard let source = message.source else { preconditionFailure("no source") }
                let payload = receiving.withFrame(
                    index, 0..<message.byteCount, headerByteCount: 0, header: { _ in }, { [UInt8](copying: $0) })
                messages.append(
                    Message(
                        source: source, payload: payload, segmentByteCount: message.segmentByteCount,
                        typeOfService: message.typeOfService))
            }
        }
        return messages
    }

    /// Payloads of what has come.
    func payloads() -> [[UInt8]] { receive().map(\.payload) }

    func send(_ payload: [UInt8], to peer: InternetEndpoint) {
        sending.removeAll()
        precondition(sending.begin(to: peer) && sending.append(0..<payload.count))
        precondition(sending.send(descriptor.raw, from: payload.span) == .moved(1))
    }

    /// Answers everything that has come with `payload`, or with what has come.
    func answer(_ payload: [UInt8]? = nil) {
        for message in receive() { send(payload ?? message.payload, to: message.source) }
    }
}
