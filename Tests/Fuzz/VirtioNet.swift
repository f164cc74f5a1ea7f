import VmnetWire

extension FuzzTarget {
    /// What is a header is written as it was, but for flags that are not ours.
    static let virtioNet = FuzzTarget(name: "virtio-net") { bytes in
        do throws(WireError) {
            let header = try VirtioNetHeader(parsing: bytes)
            require(header.offload.segmentation == .none || header.offload.segmentSize > 0, "\(header)")
            let written = [UInt8](capacity: VirtioNetHeader.byteCount) { header.write(to: &$0) }
            require(written[0] == bytes[0] & 3, "\(header)")
            require(
                equal(written.span.extracting(droppingFirst: 1), bytes.extracting(1..<VirtioNetHeader.byteCount)),
                "\(header)")
        } catch {
            require((error == .truncated) == (bytes.count < VirtioNetHeader.byteCount), "\(error)")
        }
    }
}
