/// The events of an interface, for asynchronous code: how many packets wait, whenever some do.
///
/// It is the interface's event handler while somebody iterates, in place of one that was set before. It ends when the
/// interface is stopped, or another handler is set.
public struct InterfaceEvents: AsyncSequence, Sendable {
    private let interface: Interface

    init(_ interface: Interface) {
        self.interface = interface
    }

    /// Begins to listen.
    public func makeAsyncIterator() -> Iterator {
        let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        let end = EndOfEvents { continuation.finish() }
        interface.setEventHandler { _ in
            withExtendedLifetime(end) {}
            continuation.yield()
        }
        return Iterator(interface, stream)
    }

    /// Waits for packets. It keeps the interface.
    public struct Iterator: AsyncIteratorProtocol {
        private let interface: Interface
        private var news: AsyncStream<Void>.Iterator

        init(_ interface: Interface, _ stream: AsyncStream<Void>) {
            self.interface = interface
            news = stream.makeAsyncIterator()
        }

        /// How many packets wait, one at least; nil when there will be no more events.
        public mutating func next(isolation actor: isolated (any Actor)? = #isolation) async -> Int? {
            while await news.next(isolation: actor) != nil {
                // Somebody may have read them since.
                let waiting = interface.waitingPacketCount
                if waiting > 0 { return waiting }
            }
            return nil
        }
    }
}

/// Ends the sequence once the handler is released that has it.
private final class EndOfEvents: Sendable {
    private let end: @Sendable () -> Void

    init(_ end: @escaping @Sendable () -> Void) {
        self.end = end
    }

    deinit { end() }
}

extension Interface {
    /// The same as `setEventHandler` as an asynchronous sequence, for one reader.
    public var events: InterfaceEvents { InterfaceEvents(self) }
}
