import Glibc
import Synchronization
import VmnetSystem

/// A TCP service on this host's loopback, on a thread of its own, for one client after the other.
final class Service: Sendable {
    let port: UInt16
    /// Bytes that have come.
    let received = Atomic(0)

    /// - Parameter echoes: whether it sends back what comes.
    init(echoes: Bool) throws {
        let listener = try BlockingSocket.listenOnLoopback()
        port = try listener.port
        let box = Listening(listener)
        Thread.start { [self] in
            while let connection = box.accept() { serve(connection, echoes) }
        }
    }

    private func serve(_ connection: borrowing BlockingSocket, _ echoes: Bool) {
        var buffer = [UInt8](repeating: 0, count: 256 << 10)
        while let count = try? connection.receive(into: &buffer), count > 0 {
            received.add(count, ordering: .relaxed)
            let bytes = buffer
            if echoes { try? connection.send(bytes.span.extracting(first: count)) }
        }
    }
}

private final class Listening: @unchecked Sendable {
    private let listener: BlockingSocket

    init(_ listener: consuming BlockingSocket) { self.listener = listener }

    func accept() -> BlockingSocket? { try? listener.accept() }
}

/// Threads that end with the process.
enum Thread {
    static func start(_ body: @escaping @Sendable () -> Void) {
        do { try SystemThread(name: "service", body).detach() } catch { fatalError("\(error)") }
    }
}
