import VmnetSystem

/// A guest's end of a stream connection, and a batch of frames in QEMU's framing that it sends again and again.
final class GuestEnd {
    private let socket: BlockingSocket
    private let batch: [UInt8]
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// - Parameter frames: a batch.
    init(_ socket: consuming BlockingSocket, sending frames: [[UInt8]]) {
        self.socket = socket
        batch = frames.flatMap { frame in
            (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (24 - 8 * $0)) } + frame
        }
    }

    var batchByteCount: Int { batch.count }

    func send() throws {
        let batch = batch
        try socket.send(batch.span)
    }

    /// Reads until it has `byteCount` bytes.
    func receive(_ byteCount: Int) throws {
        var left = byteCount
        while left > 0 {
            guard let count = try socket.receive(into: &buffer) else { throw WorkloadError.unexpected("closed") }
            left -= count
        }
    }
}
