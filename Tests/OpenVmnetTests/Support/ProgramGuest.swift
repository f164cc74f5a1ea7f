import OpenVmnet
import Synchronization
import VmnetDHCP
import VmnetTesting
import VmnetWire

/// A network whose addresses nobody else's can be in the way of.
func runningNetwork(_ netdev: String = "vmnet-shared") throws -> Network {
    var options = NetworkOptions()
    try options.add(netdev: netdev)
    return try Network(NetworkConfiguration(options: options, allowsUsedSubnet: true))
}

extension Interface {
    /// Frames from this interface's station.
    func builder(to destination: MACAddress = .broadcast) -> FrameBuilder {
        FrameBuilder(from: parameters.macAddress, to: destination)
    }

    func send(_ packets: [[UInt8]]) throws {
        try write { batch throws(VmnetError) in
            for packet in packets { try batch.add(packet.span) }
        }
    }

    /// The packets that wait, or as many of them as one read takes.
    func take(_ limit: Int = InterfaceParameters.packetLimit) throws -> [[UInt8]] {
        var packets: [[UInt8]] = []
        _ = try read(upTo: limit) { _, packet in
            packets.append([UInt8](copying: packet))
            return true
        }
        return packets
    }

    /// Asks for an address; nil when none comes. The answer is there when the write returns.
    func lease() throws -> DHCPClientLease? {
        var client = DHCPClient(hardwareAddress: parameters.macAddress, transactionID: 7, now: .zero)
        while let next = client.nextMessage(now: .zero) {
            try send([builder().udp(from: "0.0.0.0:68", to: "255.255.255.255:67", payload: next.message.bytes())])
            for packet in try take() {
                guard let reply = try? DHCPDatagram(parsing: packet.span).message else { continue }
                if case .bound(let lease) = client.receive(reply, now: .zero) { return lease }
            }
        }
        return nil
    }
}

/// Values that events have brought, for a test that waits for them.
final class Recorder<Value: Sendable>: Sendable {
    private let recorded = Mutex<[Value]>([])

    var values: [Value] { recorded.withLock { $0 } }

    func add(_ value: Value) { recorded.withLock { $0.append(value) } }

    /// Waits until `isEnough` says so of the values; false after ten seconds.
    func wait(_ isEnough: ([Value]) -> Bool) async throws -> Bool {
        let deadline = ContinuousClock.now + .seconds(10)
        while !isEnough(values) {
            guard .now < deadline else { return false }
            try await Task.sleep(for: .milliseconds(1))
        }
        return true
    }
}
