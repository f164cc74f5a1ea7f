import VmnetDHCP
import VmnetSwitch
import VmnetWire

/// Asks the segment for guests that forwards wait for. A guest that only serves says nothing by itself: after a restart of
/// the network nobody would know where it is, and clients would be refused until it renews its lease.
extension NetworkState {
    /// Addresses asked for at a time: of a forward that names nobody, all that are leased may be meant.
    private static let mostAddresses = 64

    /// Asks by ARP, as a router does before it forwards a packet; the answer is news to `lookForGuests`.
    mutating func askForGuests() {
        guard let gateway = configuration.host?.address, let station = configuration.gatewayMAC,
            forwards.takeEnquiry(now: now)
        else { return }
        let wanted = Set(forwards.all.filter { $0.destination == nil }.flatMap { addresses(of: $0.forward.guest) })
        for address in wanted.sorted().prefix(Self.mostAddresses) {
            let question = ARPPacket(
                operation: .request, senderMAC: station, senderAddress: gateway, targetMAC: .zero,
                targetAddress: address)
            let frame = [UInt8](capacity: EthernetHeader.byteCount + ARPPacket.byteCount) { output in
                EthernetHeader(destination: .broadcast, source: station, type: .arp).write(to: &output)
                question.write(to: &output)
            }
            for attachment in attachments.all {
                attachment.port.deliver(frame.span, offload: .none, urgency: .ordinary)
            }
        }
    }

    /// Where the guest may be, as far as is known.
    private mutating func addresses(of guest: PortForward.Guest) -> [IPv4Address] {
        if case .address(let address) = guest { return [address] }
        return leases.filter { lease in
            switch guest {
            case .only: true
            case .address: false
            case .station(let station): lease.hardwareAddress == station
            case .name(let name): lease.hostName?.text.lowercased() == name
            }
        }.map(\.address)
    }
}
