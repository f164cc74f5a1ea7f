import VmnetPorts
import VmnetSystem
import VmnetTesting
import VmnetWire

extension Workload {
    static let datagrams = [
        Workload("nat.datagrams.input", "32 datagrams of 1400 bytes from the guest to a socket") {
            let datagrams = try NATDatagrams(areJoined: false)
            return repeating { try datagrams.sendToServer() }
        },
        Workload("nat.datagrams.joined", "the same as one super-frame") {
            let datagrams = try NATDatagrams(areJoined: true)
            return repeating { try datagrams.sendToServer() }
        },
        Workload("nat.datagrams.output", "32 datagrams of 1400 bytes from a socket to the guest") {
            let datagrams = try NATDatagrams(areJoined: false)
            return repeating { try datagrams.sendToGuest() }
        },
        Workload("tap.datagrams", "32 datagrams of 1400 bytes joined to one super-frame as a TAP gives them") {
            let batch = ReceiveBatch(slotByteCount: 17 * 4096)
            let frame =
                [1, 0, 0, 0, 0, 0, 34, 0, 6, 0, 1, 0]
                + FrameBuilder(from: Station.number(1), to: Station.gateway).udp(
                    from: "192.168.64.2:1025", to: "192.168.64.1:7", checksum: .partial,
                    payload: [UInt8](repeating: 7, count: NATDatagrams.byteCount))
            // What the kernel would write lies behind what is used: all that is looked at is in the first bytes.
            let model = 5 * batch.slotByteCount
            batch.withMutableBytes(model..<(model + frame.count)) { bytes in
                for index in frame.indices { bytes[index] = frame[index] }
            }
            return repeating {
                var run = DatagramRun()
                var frames = 0
                for _ in 0..<NATDatagrams.count {
                    batch.copy(model..<(model + 54), to: run.readOffset)
                    run.take(frame.count, in: batch) { _ in frames += 1 }
                }
                run.flush(in: batch) { _ in frames += 1 }
                guard frames == 1 else { throw WorkloadError.unexpected("\(frames) frames") }
            }
        },
    ]
}
