import VmnetWire

/// What the demo transfers: bytes that look random, the same in every run, and cost nothing to make.
///
/// One block is generated; each that is sent begins with its own offset, so that a block lost, doubled or exchanged
/// changes the digest.
struct DemoPayload {
    static let blockByteCount = 256 << 10

    let byteCount: Int
    private var block: [UInt8]

    init(byteCount: Int) {
        self.byteCount = byteCount
        var generator = SplitMix64(state: 0x6f70_656e_766d_6e65)
        block = [UInt8](capacity: Self.blockByteCount) { output in
            while output.freeCapacity >= 8 { output.append(be64: generator.next()) }
        }
    }

    /// Hands out the whole payload, block by block; the last one may be shorter.
    mutating func forEachBlock<Failure>(_ body: (Span<UInt8>) throws(Failure) -> Void) throws(Failure) {
        var offset = 0
        while offset < byteCount {
            for index in 0..<8 { block[index] = UInt8(truncatingIfNeeded: offset >> (8 * index)) }
            try body(block.span.extracting(first: min(block.count, byteCount - offset)))
            offset += block.count
        }
    }

    /// The digest of the whole payload.
    mutating func sha256() -> String {
        var digest = SHA256()
        forEachBlock { digest.update($0) }
        return digest.finish()
    }
}

/// Steele, Lea, Flood: "Fast splittable pseudorandom number generators" (2014).
private struct SplitMix64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
