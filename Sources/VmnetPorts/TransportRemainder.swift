/// What a process that ends leaves of a transport for its successor with the same descriptor: where a stream of frames was
/// cut. A transport of whole frames leaves nothing.
package struct TransportRemainder: Equatable, Sendable {
    /// The beginning of a frame whose end the guest has not sent yet, its length included.
    package let received: [UInt8]
    /// The end of a frame whose beginning the guest has.
    package let unsent: [UInt8]

    package init(received: [UInt8] = [], unsent: [UInt8] = []) {
        self.received = received
        self.unsent = unsent
    }
}
