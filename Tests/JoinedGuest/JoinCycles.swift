import Glibc
import OpenVmnet
import VmnetSystem
import VmnetWire

/// Interfaces that come to a network, ask for its gateway, and go.
enum JoinCycles {
    /// Makes so many, one after the other, and prints what is left of them in this process.
    static func run(_ count: Int, on network: JoinedNetwork) throws {
        try cycle(network)
        let before = try (descriptors(), threads())
        for _ in 0..<count { try cycle(network) }
        say("leaves \(try descriptors() - before.0) descriptors and \(try threads() - before.1) threads")
    }

    private static func cycle(_ network: JoinedNetwork) throws {
        let interface = try network.makeInterface()
        guard let gateway = network.host?.address else { return }
        let station = interface.parameters.macAddress
        let request = ARPPacket(
            operation: .request, senderMAC: station, senderAddress: gateway.advanced(by: 1), targetMAC: .zero,
            targetAddress: gateway)
        let frame = [UInt8](capacity: 42) { output in
            EthernetHeader(destination: .broadcast, source: station, type: .arp).write(to: &output)
            request.write(to: &output)
        }
        try interface.write { batch throws(VmnetError) in try batch.add(frame.span) }
        var entry = pollfd(fd: try interface.descriptor, events: Int16(POLLIN), revents: 0)
        // Safety: one entry.
        guard unsafe poll(&entry, 1, 10_000) == 1 else { throw Silence() }
    }

    private static func descriptors() throws -> Int { try Directory.names(in: "/proc/self/fd").count }

    private static func threads() throws -> Int { try Directory.names(in: "/proc/self/task").count }

    private struct Silence: Error {}
}
