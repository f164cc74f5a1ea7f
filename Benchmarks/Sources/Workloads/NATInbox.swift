import VmnetNAT
import VmnetWire

/// The guest's side of a NAT: the last TCP segment that it was sent.
final class NATInbox {
    static let room = PortRoom(held: 1 << 20, ordinary: 1 << 20)

    var last: TCPHeader?

    /// A NAT of default settings, whose guest this is.
    func makeNAT() throws -> GuestNAT {
        guard let subnet = IPv4Subnet(containing: Station.gatewayAddress, prefixLength: 24) else {
            throw WorkloadError.unexpected("no subnet")
        }
        return try GuestNAT(configuration: NATConfiguration(gatewayAddress: Station.gatewayAddress, subnet: subnet)) {
            frame, _, _ in
            self.note(frame)
            return nil
        }
    }

    private func note(_ frame: Span<UInt8>) {
        guard frame.count > EthernetHeader.byteCount + IPv4Header.byteCount else { return }
        last = try? TCPHeader(
            parsing: frame.extracting(droppingFirst: EthernetHeader.byteCount + IPv4Header.byteCount))
    }
}
