import Glibc
import OpenVmnet
import VmnetSystem

/// Carries packets between a TAP interface and an interface of the library, which have the same header before each.
final class PacketCarrier {
    /// What goes to the network in one call.
    private static let batchPackets = 64

    private let tap: TapInterface
    private let interface: Interface
    private var buffer = [UInt8](repeating: 0, count: 1 << 16 + 4096)

    init(_ tap: consuming TapInterface, _ interface: Interface) {
        self.tap = tap
        self.interface = interface
    }

    /// Does not return.
    func run() throws -> Never {
        var entries = [tap.descriptor.raw, try interface.descriptor]
            .map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        while true {
            // Safety: two entries, which live for the call.
            guard unsafe poll(&entries, 2, -1) > 0 else { continue }
            if entries[0].revents != 0 { try carryOut() }
            if entries[1].revents != 0 { try carryIn() }
        }
    }

    private func carryOut() throws {
        let raw = tap.descriptor.raw
        try interface.write { batch throws(VmnetError) in
            for _ in 0..<Self.batchPackets {
                guard let count = Self.read(raw, into: &buffer) else { return }
                Self.add(buffer, count, to: &batch)
            }
        }
    }

    /// What the kernel sends on its own, a network may not take.
    private static func add(_ buffer: [UInt8], _ count: Int, to batch: inout PacketBatch) {
        try? batch.add(buffer.span.extracting(first: count))
    }

    private static func read(_ raw: Int32, into buffer: inout [UInt8]) -> Int? {
        var room = buffer.mutableSpan
        guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return nil }
        return count
    }

    /// A packet that the TAP does not take is lost, as on a wire.
    private func carryIn() throws {
        let raw = tap.descriptor.raw
        _ = try interface.read(upTo: interface.parameters.readLimit) { _, packet in
            _ = Descriptor.write(raw, packet)
            return true
        }
    }
}
