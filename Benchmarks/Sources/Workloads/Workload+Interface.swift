import Logging
import OpenVmnet
import VmnetTesting
import VmnetWire

extension Workload {
    static let interfaceBatch = Workload(
        "interface.batch", "64 full frames from one interface of this process to another, written and read"
    ) {
        let network = try Network(
            configuration: NetworkConfiguration(mode: .shared, allowsUsedSubnet: true), stateDirectory: nil,
            logger: Logger(label: "benchmark") { _ in SwiftLogNoOpLogHandler() })
        let (sender, receiver) = (try network.makeInterface(), try network.makeInterface())
        let hello = FrameBuilder(from: receiver.parameters.macAddress, to: .broadcast).ethernet(.ipv6, payload: [])
        try receiver.write { batch throws(VmnetError) in try batch.add(hello.span) }
        let frames = Station.segments(
            64, from: sender.parameters.macAddress, to: receiver.parameters.macAddress)
        return repeating {
            try sender.write { batch throws(VmnetError) in
                for frame in frames { try batch.add(frame.span) }
            }
            var byteCount = 0
            _ = try receiver.read(upTo: 64) { _, packet in
                byteCount += packet.count
                return true
            }
            use(byteCount)
        }
    }
}
