import OpenVmnet
import VmnetTesting
import VmnetWire

/// Frames of 1500 bytes from one interface to another, written and read by one thread in batches of 64.
func measureSwitch(seconds: Double) throws -> Figure {
    Figure(
        name: "switch, 1514-byte frames, batches of 64, one thread",
        value: Figure.number(try switchRate(seconds: seconds) / 1e6, 2) + " M frames/s",
        target: ">= 3")
}

/// The same, in frames a second.
func switchRate(seconds: Double) throws -> Double {
    let network = try runningNetwork()
    let (sender, receiver) = (try network.makeInterface(), try network.makeInterface())
    let builder = FrameBuilder(from: sender.parameters.macAddress, to: receiver.parameters.macAddress)
    let frame = builder.ethernet(.ipv6, payload: [UInt8](repeating: 7, count: 1500))
    let hello = FrameBuilder(from: receiver.parameters.macAddress, to: .broadcast).ethernet(.ipv6, payload: [])
    try receiver.write { batch throws(VmnetError) in try batch.add(hello.span) }
    var memory = [UInt8](repeating: 0, count: 64 * 2048)
    var count = 0
    let start = ContinuousClock.now
    while (ContinuousClock.now - start).seconds < seconds {
        for _ in 0..<100 {
            try sender.write { batch throws(VmnetError) in
                for _ in 0..<64 { try batch.add(frame.span) }
            }
            // Safety: each packet has a place of 2048 bytes of its own.
            count += try unsafe memory.withUnsafeMutableBytes { memory in
                try receiver.read(upTo: 64) { index, packet in
                    unsafe packet.withUnsafeBytes {
                        unsafe UnsafeMutableRawBufferPointer(rebasing: memory[(index * 2048)...]).copyMemory(from: $0)
                    }
                    return true
                }
            }
        }
    }
    return Double(count) / (ContinuousClock.now - start).seconds
}

/// A network that keeps nothing, whatever other networks use.
func runningNetwork() throws -> Network {
    try Network(NetworkConfiguration(options: NetworkOptions(), allowsUsedSubnet: true))
}
