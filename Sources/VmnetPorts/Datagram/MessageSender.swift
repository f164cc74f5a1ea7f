import SystemPackage
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// The way to a guest that takes one frame for each message.
struct MessageSender: ~Copyable {
    var queue: FrameQueue
    /// Whether the guest takes no more for now.
    private(set) var isBlocked = false
    var drops = DropCounter()

    init(queue: consuming FrameQueue) {
        self.queue = queue
    }

    /// Sends queued frames until the queue is empty or the guest takes no more.
    ///
    /// Returns why no message can be sent at all; the frames are then still queued.
    ///
    /// - Parameter destination: the guest's address, for a socket that is not connected to it.
    mutating func flush(_ raw: Int32, _ batch: inout SendBatch, to destination: UnixAddress? = nil) -> Errno? {
        isBlocked = false
        while !queue.isEmpty {
            fill(&batch)
            switch queue.withBytes({ batch.send(raw, from: $0, to: destination) }) {
            case .moved(let count): queue.removeFirst(batch.byteCount(ofFirst: count))
            case .wouldBlock:
                isBlocked = true
                return nil
            case .failed(.messageTooLong): dropFirst(.oversize)
            case .failed(.noBufferSpace), .failed(.noMemory): dropFirst(.transport)
            case .failed(let error): return error
            }
        }
        return nil
    }

    /// Gives up on all that is queued.
    mutating func dropAll() {
        isBlocked = false
        drops.count(.transport, UInt64(queue.removeAll()))
    }

    private mutating func dropFirst(_ reason: DropReason) {
        queue.removeFirstRecord()
        drops.count(reason)
    }

    private func fill(_ batch: inout SendBatch) {
        batch.removeAll()
        var offset = 0
        while let record = queue.record(at: offset), batch.append(record) {
            offset = record.upperBound
        }
    }
}
