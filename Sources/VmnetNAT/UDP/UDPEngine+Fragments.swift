import VmnetSwitch
import VmnetWire

/// Datagrams that are longer than what the guest's link carries.
extension UDPEngine {
    /// Hands a datagram to the guest in fragments. Returns why one of them did not get through.
    func deliverFragments(of frame: Span<UInt8>, _ offload: OffloadDescriptor) -> DropReason? {
        var whole = FrameEditor()
        whole.load(frame)
        var reason: DropReason?
        do throws(WireError) {
            try whole.complete(offload)
            let packet = try FragmentedPacket(
                parsing: whole.bytes.span, mtu: mtu, identification: UInt32(fragmentIdentification))
            for index in 0..<packet.count {
                let fragment = [UInt8](capacity: packet.byteCount(of: index)) {
                    packet.write(index, of: whole.bytes.span, to: &$0)
                }
                reason = output(fragment.span, .none, .ordinary) ?? reason
            }
        } catch {
            return .malformed
        }
        return reason
    }
}
