import VmnetPorts
import VmnetSwitch
import VmnetSystem

extension Workload {
    static let streamBatch = Workload(
        "stream.batch", "32 full TCP segments received from a stream, queued and written back"
    ) {
        let pair = try Socket.pair(.stream)
        let (first, second) = (pair.first.release(), pair.second.release())
        let port = try StreamPort(Descriptor(owning: first), buffers: TransportBuffers())
        let guest = GuestEnd(
            BlockingSocket(Descriptor(owning: second)),
            sending: Station.segments(32))
        return repeating {
            try guest.send()
            let outcome = port.receive { frame, offload in
                use(port.enqueue(frame, offload: offload, urgency: .ordinary))
            }
            guard outcome == .drained else { throw WorkloadError.unexpected("\(outcome)") }
            port.flush()
            try guest.receive(guest.batchByteCount)
        }
    }
}
