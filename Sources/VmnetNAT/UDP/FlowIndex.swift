/// Finds slots by the hashes of what is in them: open addressing with linear probing, at most half full.
///
/// The hash is kept beside the slot, so that neither growth nor removal has to look at the keys.
struct FlowIndex {
    private struct Bucket {
        var hash: UInt32 = 0
        /// -1 = empty.
        var slot: Int32 = -1
    }

    /// As many as a power of two.
    private var buckets = [Bucket](repeating: Bucket(), count: 16)
    private var count = 0

    /// The slot under `hash` that `isWanted`.
    @inline(__always)
    func slot(_ hash: UInt32, _ isWanted: (Int) -> Bool) -> Int? {
        let mask = buckets.count - 1
        var index = Int(hash) & mask
        while true {
            let bucket = buckets[index]
            if bucket.slot < 0 { return nil }
            if bucket.hash == hash, isWanted(Int(bucket.slot)) { return Int(bucket.slot) }
            index = (index + 1) & mask
        }
    }

    /// Adds a slot that is not there.
    mutating func insert(_ hash: UInt32, slot: Int) {
        if (count + 1) * 2 > buckets.count { grow() }
        place(Bucket(hash: hash, slot: Int32(slot)))
        count += 1
    }

    /// Takes out a slot that is there, and moves what was pushed along by it back (Knuth, 6.4, algorithm R).
    mutating func remove(_ hash: UInt32, slot: Int) {
        let mask = buckets.count - 1
        var hole = Int(hash) & mask
        while buckets[hole].slot != Int32(slot) { hole = (hole + 1) & mask }
        buckets[hole].slot = -1
        count -= 1
        var index = (hole + 1) & mask
        while buckets[index].slot >= 0 {
            let home = Int(buckets[index].hash) & mask
            // Its home is not between the hole and where it stands: it may move up to the hole.
            if (index - home) & mask >= (index - hole) & mask {
                buckets[hole] = buckets[index]
                buckets[index].slot = -1
                hole = index
            }
            index = (index + 1) & mask
        }
    }

    private mutating func grow() {
        let old = buckets
        buckets = [Bucket](repeating: Bucket(), count: old.count * 2)
        for bucket in old where bucket.slot >= 0 { place(bucket) }
    }

    private mutating func place(_ bucket: Bucket) {
        let mask = buckets.count - 1
        var index = Int(bucket.hash) & mask
        while buckets[index].slot >= 0 { index = (index + 1) & mask }
        buckets[index] = bucket
    }
}
