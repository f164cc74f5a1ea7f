/// A number made from bytes, the same in every process and on every machine: FNV-1a of 128 bits
/// (draft-eastlake-fnv). Not for secrets: whoever chooses the bytes can make two the same.
struct StableHash {
    private(set) var value: UInt128 = 0x6c62_272e_07bb_0142_62b8_2175_6295_c58d

    mutating func combine(_ bytes: some Sequence<UInt8>) {
        for byte in bytes { value = (value ^ UInt128(byte)) &* 0x0000_0000_0100_0000_0000_0000_0000_013b }
    }
}
