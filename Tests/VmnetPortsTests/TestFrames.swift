import VmnetSwitch
import VmnetWire

/// `byteCount` bytes that differ from one `seed` to the next, and from one place to the next.
func frame(_ byteCount: Int, _ seed: Int) -> [UInt8] {
    var bytes = [UInt8](repeating: UInt8(truncatingIfNeeded: seed &* 31), count: byteCount)
    for index in stride(from: 0, to: byteCount, by: 1 + byteCount / 32) {
        bytes[index] = UInt8(truncatingIfNeeded: seed >> (index & 7) &+ index)
    }
    return bytes
}

/// The frames in QEMU's framing: the length in 32 bits, big-endian, before each.
func encode(_ frames: [[UInt8]]) -> [UInt8] {
    frames.flatMap { frame in
        (0..<4).map { UInt8(truncatingIfNeeded: frame.count >> (24 - 8 * $0)) } + frame
    }
}

func counts(_ drops: [(reason: DropReason, count: UInt64)]) -> [DropReason: UInt64] {
    Dictionary(drops.map { ($0.reason, $0.count) }, uniquingKeysWith: +)
}
