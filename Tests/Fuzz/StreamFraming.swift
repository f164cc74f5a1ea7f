import VmnetPorts
import VmnetSwitch
import VmnetWire

extension FuzzTarget {
    /// The frames are the same however the stream is cut, and each has a length that a frame may have.
    ///
    /// The first byte says how long the pieces are, and whether frames have a virtio-net header before them.
    static let streamFraming = FuzzTarget(name: "stream-framing") { bytes in
        guard bytes.count > 1 else { return }
        let stream = bytes.extracting(droppingFirst: 1)
        let header = bytes[0] & 128 == 0 ? 0 : VirtioNetHeader.byteCount
        let whole = decode(stream, inPiecesOf: stream.count, header)
        let pieces = decode(stream, inPiecesOf: Int(bytes[0] & 31) + 1, header)
        require(whole == pieces, "\(whole) or \(pieces)")
        for frame in whole.frames {
            require(
                (Frame.minimumByteCount...Frame.maximumByteCount).contains(frame.count - header),
                "\(frame.count) bytes")
        }
    }
}

private struct Decoded: Equatable {
    var frames: [[UInt8]] = []
    var drops: [DropReason: UInt64] = [:]
    var violation: StreamFraming.Violation?
    var isWithinFrame = false
}

private func decode(_ stream: Span<UInt8>, inPiecesOf byteCount: Int, _ headerByteCount: Int) -> Decoded {
    var framing = StreamFraming(headerByteCount: headerByteCount)
    var decoded = Decoded()
    var offset = 0
    while offset < stream.count, decoded.violation == nil {
        let end = min(offset + byteCount, stream.count)
        decoded.violation = framing.decode(stream.extracting(offset..<end)) {
            decoded.frames.append([UInt8](copying: $0))
        }
        offset = end
    }
    for drop in framing.takeDrops() { decoded.drops[drop.reason] = drop.count }
    // After a violation the stream is not read on.
    decoded.isWithinFrame = decoded.violation == nil && framing.isWithinFrame
    return decoded
}
