import VmnetSystem

/// A guest that was attached by passing a descriptor.
package final class AttachedGuest: Sendable {
    package let answer: AttachAnswer
    /// With `AttachRequest.whileConnected`, what keeps the guest on the network as long as this object lives.
    private let connection: BlockingSocket

    init(_ answer: AttachAnswer, connection: consuming BlockingSocket) {
        self.answer = answer
        self.connection = connection
    }
}
