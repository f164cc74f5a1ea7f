import CVmnet
import OpenVmnet

/// The packets of one call, in the program's memory: `struct vmpktdesc`, `ovn_packet`.
protocol PacketList {
    var count: Int { get }

    /// Where the packet is; nil for what is no memory.
    func parts(of index: Int) -> PacketParts?

    /// How long the packet is, or how much room it has; the program's number.
    func byteCount(of index: Int) -> Int

    /// Tells the program how long the packet is that came.
    func setByteCount(_ byteCount: Int, of index: Int)
}

extension Interface {
    /// Reads as many packets as there is memory for, and as wait.
    ///
    /// - Throws: `.invalidArgument` for what is no memory, `.packetTooBig` when the first packet does not fit, which stays.
    func read(into list: some PacketList) throws(VmnetError) -> Int {
        guard list.count <= parameters.readLimit else {
            throw VmnetError(
                .tooManyPackets, "a read takes \(parameters.readLimit) packets at most, not \(list.count)")
        }
        for index in 0..<list.count where list.parts(of: index) == nil { throw .noMemory(of: index) }
        var refused: Int?
        let count = try read(upTo: list.count) { index, packet in
            guard let parts = list.parts(of: index), packet.count <= parts.byteCount else {
                refused = packet.count
                return false
            }
            parts.fill(with: packet)
            list.setByteCount(packet.count, of: index)
            return true
        }
        if count == 0, let refused {
            throw VmnetError(
                .packetTooBig, "a packet of \(refused) bytes is longer than the first buffer",
                hint: "give each the size of the interface's largest packet")
        }
        return count
    }

    /// Sends the packets in their order, up to the first that is wrong.
    ///
    /// - Parameter sentCount: becomes the number of those that were sent, also with an error.
    func write(_ list: some PacketList, sentCount: inout Int) throws(VmnetError) {
        guard list.count <= parameters.writeLimit else {
            throw VmnetError(
                .tooManyPackets, "a write takes \(parameters.writeLimit) packets at most, not \(list.count)")
        }
        var gathering = GatheringBuffer(byteCount: parameters.maximumPacketByteCount)
        var count = 0
        defer { sentCount = count }
        try write { batch throws(VmnetError) in
            for index in 0..<list.count {
                let byteCount = list.byteCount(of: index)
                guard let parts = list.parts(of: index), parts.byteCount >= byteCount, byteCount >= 0 else {
                    throw .noMemory(of: index)
                }
                try gathering.with(parts, byteCount) { packet throws(VmnetError) in try batch.add(packet) }
                count += 1
            }
        }
    }
}

extension VmnetError {
    fileprivate static func noMemory(of index: Int) -> VmnetError {
        VmnetError(
            .invalidArgument, "packet \(index) has no memory for its bytes",
            hint: "its parts have to lead to as many bytes as it is said to have")
    }
}

/// Makes packets whole that are in several parts; allocated when there is one.
///
/// Safety: what it has allocated is its own, and lent for one call.
@safe
private struct GatheringBuffer: ~Copyable {
    private let byteCount: Int
    private var memory: UnsafeMutableRawPointer?

    init(byteCount: Int) {
        self.byteCount = byteCount
        unsafe memory = nil
    }

    deinit {
        // Safety: allocated here, or nil.
        unsafe memory?.deallocate()
    }

    /// Lends the first bytes of the parts to `body`, where they are if they are together.
    mutating func with(
        _ parts: PacketParts, _ count: Int, _ body: (Span<UInt8>) throws(VmnetError) -> Void
    ) throws(VmnetError) {
        // Safety: the program lends its memory for the call.
        if let whole = unsafe parts.contiguous(count) { return try body(unsafe whole.span) }
        // One byte more than the interface takes, so that what is too long is found where every packet is looked at.
        let count = min(count, byteCount + 1)
        let memory = unsafe self.memory ?? .allocate(byteCount: byteCount + 1, alignment: 16)
        unsafe self.memory = memory
        unsafe parts.gather(count, to: memory)
        // Safety: as many bytes as were gathered.
        let packet = unsafe UnsafeBufferPointer(start: memory.assumingMemoryBound(to: UInt8.self), count: count)
        try body(unsafe packet.span)
    }
}
