import VmnetDHCP
import VmnetNAT
import VmnetSwitch
import VmnetWire

/// Holds guests to their own source addresses, on the segment as towards the gateway.
///
/// A guest's MAC address is the one that its port used first, for as long as it is attached. Its IPv4 addresses are those
/// that this station has leased; before it has any, it may ask the DHCP server, and the segment whether somebody uses an
/// address. Its IPv6 addresses are those that it was the first to use (as in RFC 6620).
///
/// What can be neither checked nor lies about nothing does not pass: tagged frames, and whatever else is neither IP nor
/// ARP. Memory is bounded by the ports.
struct SourceGuard {
    enum Judgement: Equatable {
        case pass
        /// It passes if the station has leased the address.
        case passIfLeased(IPv4Address, to: MACAddress)
        case drop(DropReason)
    }

    let gateway: MACAddress
    /// nil without IPv6 beyond the segment.
    let addresses6: GatewayAddresses6?
    /// By the place of the port; nil before its first frame.
    private var stations: [Station?] = []
    /// The port of each station.
    private var ports: [MACAddress: PortID] = [:]
    var addressOwners = IPv6AddressOwners()

    private struct Station {
        let port: PortID
        let address: MACAddress
    }

    init(gateway: MACAddress, addresses6: GatewayAddresses6?) {
        self.gateway = gateway
        self.addresses6 = addresses6
    }

    /// Whether a frame carries its sender's own addresses, as far as it can be told without the leases.
    mutating func judge(_ frame: Span<UInt8>, _ header: EthernetHeader, from port: PortID) -> Judgement {
        if let reason = checkStation(header.source, on: port) { return .drop(reason) }
        switch header.type {
        case .ipv4: return judgeIPv4(frame, header)
        case .arp: return judgeARP(frame, header.source)
        case .ipv6: return judgeIPv6(frame, header.source, port)
        default: return .drop(.unsupported)
        }
    }

    /// Forgets what a port that has gone may use.
    mutating func forget(_ port: PortID) {
        addressOwners.forget(port)
        guard let station = station(on: port) else { return }
        ports[station] = nil
        stations[port.place] = nil
    }

    // MARK: Stations

    @inline(__always)
    private func station(on port: PortID) -> MACAddress? {
        guard port.place < stations.count, let station = stations[port.place], station.port == port else { return nil }
        return station.address
    }

    @inline(__always)
    private mutating func checkStation(_ address: MACAddress, on port: PortID) -> DropReason? {
        guard let own = station(on: port) else { return claim(address, for: port) }
        return own == address ? nil : .spoofed
    }

    /// Takes the first address that a port uses for its own, unless it is another one's.
    @inline(never)
    private mutating func claim(_ address: MACAddress, for port: PortID) -> DropReason? {
        guard !address.isMulticast, address != .zero, address != gateway else { return .badSource }
        guard ports[address] == nil else { return .spoofed }
        while stations.count <= port.place { stations.append(nil) }
        stations[port.place] = Station(port: port, address: address)
        ports[address] = port
        return nil
    }

    // MARK: IPv4

    private func judgeARP(_ frame: Span<UInt8>, _ station: MACAddress) -> Judgement {
        guard let arp = try? ARPPacket(parsing: frame.extracting(droppingFirst: EthernetHeader.byteCount)) else {
            return .drop(.malformed)
        }
        guard arp.senderMAC == station else { return .drop(.spoofed) }
        guard arp.senderAddress == .any else { return .passIfLeased(arp.senderAddress, to: station) }
        // A probe (RFC 5227, 2.1.1).
        return arp.operation == .request ? .pass : .drop(.spoofed)
    }

    /// Nobody takes a packet whose header is not whole, so that it need not be looked at closer.
    private func judgeIPv4(_ frame: Span<UInt8>, _ header: EthernetHeader) -> Judgement {
        guard frame.count >= EthernetHeader.byteCount + IPv4Header.byteCount else { return .drop(.malformed) }
        let source = IPv4Address(bits: frame.be32(at: EthernetHeader.byteCount + 12))
        guard !DHCPDatagram.isForServer(frame) else { return judgeDHCP(frame, header, from: source) }
        return .passIfLeased(source, to: header.source)
    }

    /// A client's message, from nobody else and for nobody else (RFC 2131, section 2): one that speaks for other stations
    /// could take all addresses. To the server alone it may come from an address that is no longer leased: it is told so.
    private func judgeDHCP(_ frame: Span<UInt8>, _ header: EthernetHeader, from source: IPv4Address) -> Judgement {
        let message = EthernetHeader.byteCount + Int(frame[EthernetHeader.byteCount] & 15) * 4 + UDPHeader.byteCount
        guard frame.count >= message + 34 else { return .drop(.malformed) }
        let (relay, client) = (frame.be32(at: message + 24), MACAddress(bits: frame.be48(at: message + 28)))
        guard relay == 0, client == header.source else { return .drop(.spoofed) }
        let isForServer = header.destination == gateway
        guard isForServer || source == .any && header.destination == .broadcast else {
            return .passIfLeased(source, to: header.source)
        }
        return .pass
    }
}
