import VmnetPorts
import VmnetSwitch
import VmnetTesting
import VmnetWire

extension Workload {
    /// Of a super-frame of nearly 64 KiB.
    private static let segments = 44

    static let segmentation = Workload(
        "wire.segmentation", "a super-frame cut into 44 full segments, in a port's queue"
    ) {
        let frame = FrameBuilder(from: Station.number(1), to: Station.number(2)).tcp(
            from: "192.168.64.2:1025", to: "192.168.64.3:80", flags: .ack,
            payload: [UInt8](repeating: 7, count: segments * Station.segmentSize))
        let offload = OffloadDescriptor(
            segmentation: .tcpv4, segmentSize: UInt16(Station.segmentSize), headerLength: 54, needsChecksum: true,
            checksumStart: 34, checksumOffset: 16)
        return { count in
            var queue = FrameQueue()
            for _ in 0..<count {
                use(queue.enqueue(frame.span, offload: offload, urgency: .ordinary))
                use(queue.removeAll())
            }
        }
    }

    static let coalescing = Workload("wire.coalescing", "44 full segments joined into a super-frame") {
        let frames = Station.segments(segments)
        return { count in
            var coalescer = Coalescer()
            for _ in 0..<count {
                for frame in frames { coalescer.take(frame.span) { frame, _ in use(frame.count) } }
                coalescer.flush { frame, _ in use(frame.count) }
            }
        }
    }
}
