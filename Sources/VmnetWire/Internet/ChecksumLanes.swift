/// The running sum of blocks of bytes, in registers.
///
/// The sum of 32-bit words equals that of 16-bit words modulo 2^16 - 1. A lane takes two as a 64-bit word, whole, and the
/// high one once more on its own. What the low ones sum to is then the difference: that is two additions and a shift for
/// each word, where summing both halves takes a mask and a copy more. The compiler makes 23 instructions of 64 bytes that
/// are copied and summed, and 19 of 64 that are summed.
struct ChecksumLanes {
    private typealias Block = SIMD8<UInt64>
    private static let blockByteCount = 64

    /// The words, modulo 2^64.
    private var words = Block()
    private var highHalves = Block()

    /// The sum of `count` bytes in the machine's byte order, not folded; exact for less than 2^32 blocks. The last of an
    /// odd number of bytes is the first of a word that a zero completes.
    ///
    /// - Parameter target: gets a copy on the way, if it is given: room for `count` bytes.
    @unsafe @inline(__always)
    static func sum(
        _ source: UnsafeRawPointer, _ count: Int, copyingTo target: UnsafeMutableRawPointer?
    ) -> UInt64 {
        var lanes = ChecksumLanes()
        var offset = 0
        @inline(__always) func take<Word: BitwiseCopyable>(_ type: Word.Type) -> Word {
            // Safety: called below only for what is left behind offset.
            let word = unsafe (source + offset).loadUnaligned(as: type)
            if let target = unsafe target { unsafe (target + offset).storeBytes(of: word, as: type) }
            offset &+= MemoryLayout<Word>.size
            return word
        }
        while offset <= count &- blockByteCount { lanes.add(take(Block.self)) }
        // What is left without a loop, which the compiler would take for a long one.
        var sum = lanes.sum
        if count & 32 != 0 { sum &+= halves(take(SIMD4<UInt64>.self)).wrappedSum() }
        if count & 16 != 0 { sum &+= halves(take(SIMD2<UInt64>.self)).wrappedSum() }
        if count & 8 != 0 {
            let word = take(UInt64.self)
            sum &+= (word >> 32) &+ (word & 0xffff_ffff)
        }
        if count & 4 != 0 { sum &+= UInt64(take(UInt32.self)) }
        if count & 2 != 0 { sum &+= UInt64(take(UInt16.self)) }
        if count & 1 != 0 { sum &+= UInt64(UInt16(take(UInt8.self)).littleEndian) }
        return sum
    }

    @inline(__always)
    private mutating func add(_ block: Block) {
        words &+= block
        highHalves &+= block &>> 32
    }

    @inline(__always)
    private var sum: UInt64 {
        let lowHalves = words &- highHalves &<< 32
        return (lowHalves &+ highHalves).wrappedSum()
    }

    @inline(__always)
    private static func halves<Words: SIMD<UInt64>>(_ words: Words) -> Words {
        words &>> 32 &+ words & 0xffff_ffff
    }
}
