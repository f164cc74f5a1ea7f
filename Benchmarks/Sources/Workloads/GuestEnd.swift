import VmnetSystem

/// A guest's end of a stream connection, and a batch of frames in QEMU's framing that it sends again and again.
final class GuestEnd {
    private let socket: BlockingSocket
    private let batch: [UInt8]
    private var buffer = [UInt8](repeating: 0, count: 256 << 10)

    /// - Parameter frames: a batch.
    init(_ socket: consuming BlockingSocket, sending frames: [[UInt8]]) {
        self.socket = socket
        batch = frames.flatMap(Self.framed)
    }

    private static func framed(_ frame: [UInt8]) -> [UInt8] {
        (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (24 - 8 * $0)) } + frame
    }

    /// Sends another frame, and takes the answer that is there after `turn`.
    func exchange(_ frame: [UInt8], turn: () -> Void) throws {
        let record = Self.framed(frame)
        try socket.send(record.span)
        turn()
        guard try socket.receive(into: &buffer) ?? 0 > 0 else { throw WorkloadError.unexpected("no answer") }
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
