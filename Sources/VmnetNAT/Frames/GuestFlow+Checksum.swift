import VmnetWire

/// What a guest has sent is what arrived.
extension GuestFlow {
    /// Whether a segment or datagram of the flow has the right checksum (RFC 9293, 3.1; RFC 768; RFC 8200, 8.1).
    ///
    /// - Parameters:
    ///   - packet: header and data, as long as the packet says it is.
    ///   - frame: which it is in. The addresses are taken from there: the filter has put an alias in the place of the
    ///     resolver's.
    func isIntact(_ packet: Span<UInt8>, _ proto: IPProtocol, in frame: Span<UInt8>) -> Bool {
        let start = EthernetHeader.byteCount
        var sum = InternetChecksum()
        sum.add(frame.extracting(source.isMapped ? (start + 12)..<(start + 20) : (start + 8)..<(start + 40)))
        sum.add(UInt16(proto.rawValue))
        sum.add(UInt32(packet.count))
        sum.add(packet)
        return sum.finished == 0
    }
}
