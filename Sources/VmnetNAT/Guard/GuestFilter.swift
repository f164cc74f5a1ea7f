import VmnetSwitch
import VmnetWire

/// The first guard in front of libslirp: what a frame is, told from the frame alone.
///
/// It keeps back what libslirp parses wrongly or serves although it should not (NC-SI, TFTP, DHCP of both versions, IP
/// options, IPv6 extension headers), what comes from an address that is no guest's, and what policy closes. A pure
/// function of configuration and frame.
struct GuestFilter: Sendable {
    let gatewayMAC: MACAddress
    let policy: DestinationPolicy
    let resolverAlias: IPv4Address
    let allowsHostLoopback: Bool
    /// Whether the host lets this process send echo requests, which libslirp otherwise makes a mess of.
    let canPing: Bool

    private let configuration: NATConfiguration
    /// As `GuestFlow` has it.
    private let gatewayAddress: IPv6Address

    private enum Port {
        static let dns: UInt16 = 53
        static let bootp: ClosedRange<UInt16> = 67...68
        static let dhcpv6: ClosedRange<UInt16> = 546...547
    }

    init(_ configuration: NATConfiguration, gatewayMAC: MACAddress, canPing: Bool) {
        self.gatewayMAC = gatewayMAC
        self.canPing = canPing
        self.configuration = configuration
        policy = configuration.policy
        gatewayAddress = IPv6Address(mapping: configuration.gatewayAddress)
        resolverAlias = configuration.resolverAlias
        allowsHostLoopback = configuration.allowsHostLoopback
    }

    func classify(_ frame: Span<UInt8>) -> Classification {
        guard let ethernet = try? EthernetHeader(parsing: frame) else { return .drop(.malformed) }
        let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
        switch ethernet.type {
        case .ipv4:
            guard ethernet.destination == gatewayMAC else { return .ignore }
            return classifyIPv4(packet)
        case .ipv6:
            guard policy.addresses6 != nil else { return .drop(.unsupported) }
            guard ethernet.destination == gatewayMAC || ethernet.destination.isMulticast else { return .ignore }
            return classifyIPv6(packet)
        case .arp:
            guard ethernet.destination == gatewayMAC || ethernet.destination.isMulticast else { return .ignore }
            return classifyARP(packet, from: ethernet.source)
        default: return .drop(.unsupported)
        }
    }

    // MARK: ARP

    /// libslirp learns the sender of a request for the gateway, of a gratuitous request, and of any reply.
    private func classifyARP(_ packet: Span<UInt8>, from source: MACAddress) -> Classification {
        guard let arp = try? ARPPacket(parsing: packet) else { return .drop(.malformed) }
        guard arp.senderMAC == source, !source.isMulticast else { return .drop(.badSource) }
        let isProbe = arp.senderAddress == .any && arp.operation == .request
        guard isProbe || policy.isGuest(arp.senderAddress) else { return .drop(.spoofed) }
        let isGratuitous = arp.targetAddress == arp.senderAddress && !isProbe
        guard arp.targetAddress == policy.gateway || isGratuitous else { return .ignore }
        return .resolution(
            AddressResolution(
                byteCount: EthernetHeader.byteCount + ARPPacket.byteCount, isAnswer: arp.operation == .reply))
    }

    // MARK: IPv4

    private func classifyIPv4(_ packet: Span<UInt8>) -> Classification {
        guard let header = try? IPv4Header(parsing: packet) else { return .drop(.malformed) }
        guard policy.isGuest(header.source) else { return .drop(.spoofed) }
        let destination = policy.destination(header.destination)
        switch destination {
        case .group: return .drop(.prohibited)
        case .prohibited: return .refuse(.prohibited)
        case .beyond where header.hasOptions || !header.proto.hasPorts: return .refuse(.prohibited)
        case .outside where header.timeToLive <= 1: return .refuse(.timeExceeded)
        case .gateway, .resolver, .outside, .beyond: break
        }
        guard !header.hasOptions else { return .drop(.unsupported) }
        guard !header.isFragment else { return .fragment(header) }
        let payload = packet.extracting(IPv4Header.byteCount..<Int(header.totalLength))
        let flow = GuestFlow(
            content: .echo, source: IPv6Address(mapping: header.source),
            destination: IPv6Address(mapping: header.destination), sourcePort: 0, destinationPort: 0,
            transportOffset: EthernetHeader.byteCount + IPv4Header.byteCount,
            byteCount: EthernetHeader.byteCount + Int(header.totalLength))
        switch header.proto {
        case .tcp: return classifyTCP(payload, flow, to: destination)
        case .udp: return classifyUDP(payload, flow, to: destination)
        case .icmp: return classifyICMP(payload, flow, to: destination)
        default: return .drop(.unsupported)
        }
    }

    private func classifyICMP(
        _ payload: Span<UInt8>, _ flow: GuestFlow, to destination: Destination
    ) -> Classification {
        guard let header = try? ICMPHeader(parsing: payload) else { return .drop(.malformed) }
        guard header.type == ICMPHeader.V4.echoRequest else { return .drop(.unsupported) }
        return destination == .outside && !canPing ? .refuse(.prohibited) : .flow(flow)
    }

    // MARK: IPv6

    private func classifyIPv6(_ packet: Span<UInt8>) -> Classification {
        guard let header = try? IPv6Header(parsing: packet) else { return .drop(.malformed) }
        let byteCount = IPv6Header.byteCount + header.payloadLength
        let payload = packet.extracting(IPv6Header.byteCount..<byteCount)
        if header.nextHeader == .icmpv6, let resolution = classifyNeighborDiscovery(payload, header) {
            return resolution
        }
        let isLocalEcho = policy.isLocalEcho(header)
        let destination = isLocalEcho ? .gateway : policy.destination(header.destination)
        if destination == .group { return .ignore }
        guard isLocalEcho || policy.isGuest(header.source) else { return .drop(.spoofed) }
        if destination == .prohibited || destination == .beyond && !header.nextHeader.hasPorts {
            return .refuse(.prohibited)
        }
        if destination == .outside, header.hopLimit <= 1 { return .refuse(.timeExceeded) }
        let flow = GuestFlow(
            content: .echo, source: header.source, destination: header.destination, sourcePort: 0, destinationPort: 0,
            transportOffset: EthernetHeader.byteCount + IPv6Header.byteCount,
            byteCount: EthernetHeader.byteCount + byteCount)
        switch header.nextHeader {
        case .tcp: return classifyTCP(payload, flow, to: destination)
        case .udp: return classifyUDP(payload, flow, to: destination)
        case .icmpv6:
            guard let header = try? ICMPHeader(parsing: payload) else { return .drop(.malformed) }
            guard header.type == ICMPHeader.V6.echoRequest else { return .drop(.unsupported) }
            // libslirp before 4.8 logs an error for each one to the outside.
            return destination == .outside ? .refuse(.prohibited) : .flow(flow)
        // Extension headers too: libslirp knows none.
        default: return .drop(.unsupported)
        }
    }

    /// Solicitations and advertisements of neighbours, router solicitations (RFC 4861, 4); nil for any other message.
    private func classifyNeighborDiscovery(_ payload: Span<UInt8>, _ header: IPv6Header) -> Classification? {
        guard let icmp = try? ICMPHeader(parsing: payload) else { return .drop(.malformed) }
        let minimum: Int
        switch icmp.type {
        case ICMPHeader.V6.routerSolicitation: minimum = 8
        case ICMPHeader.V6.neighborSolicitation, ICMPHeader.V6.neighborAdvertisement: minimum = 24
        case ICMPHeader.V6.routerAdvertisement: return .drop(.prohibited)
        default: return nil
        }
        guard payload.count >= minimum, header.hopLimit == 255 else { return .drop(.malformed) }
        let isOnLink = header.source == .any || header.source.isLinkLocal || policy.isGuest(header.source)
        guard isOnLink, header.source != policy.addresses6?.linkLocal else { return .drop(.spoofed) }
        return .resolution(
            AddressResolution(
                byteCount: EthernetHeader.byteCount + IPv6Header.byteCount + header.payloadLength,
                isAnswer: icmp.type == ICMPHeader.V6.neighborAdvertisement))
    }

    // MARK: TCP and UDP, over either

    @inline(__always)
    private func classifyTCP(
        _ payload: Span<UInt8>, _ flow: GuestFlow, to destination: Destination
    ) -> Classification {
        guard let header = try? TCPHeader(parsing: payload) else { return .drop(.malformed) }
        if destination == .beyond, header.flags.contains(.syn), !header.flags.contains(.ack) {
            return .refuse(.prohibited)
        }
        var flow = flow
        flow.sourcePort = header.sourcePort
        flow.destinationPort = header.destinationPort
        var segment = TCPSegment(header, payloadLength: payload.count - header.headerLength)
        if segment.flags.contains(.syn) {
            let option = MaximumSegmentSizeOption.offset(in: payload, header)
            segment.segmentSize = configuration.segmentSize(
                announced: option.map { payload.be16(at: $0) }, isIPv4: flow.source.high == 0)
            segment.windowScale = WindowScaleOption.shift(in: payload, header)
            segment.permitsSACK = SelectiveAcknowledgementOption.isPermitted(in: payload, header)
            // libslirp reads it in the answer to its own SYN only, and makes segments of that size.
            if option != nil, segment.flags.contains(.ack) { flow.edits.insert(.segmentSize) }
        }
        flow.content = .tcp(segment)
        // Data on a SYN would wait in libslirp's reassembly queue. The guest sends them again, without (RFC 7413, 3).
        if segment.flags.contains(.syn), segment.payloadLength > 0 { return .drop(.unsupported) }
        if segment.flags.contains(.urg) || header.urgentPointer != 0 { flow.edits.insert(.urgent) }
        return serve(flow, at: destination, else: .reset)
    }

    private func classifyUDP(
        _ payload: Span<UInt8>, _ flow: GuestFlow, to destination: Destination
    ) -> Classification {
        guard let header = try? UDPHeader(parsing: payload) else { return .drop(.malformed) }
        var flow = flow
        flow.content = .udp
        flow.sourcePort = header.sourcePort
        flow.destinationPort = header.destinationPort
        // The network has its own DHCP server; libslirp's are not for hostile input.
        let isForServer = Port.bootp.contains(header.destinationPort) || Port.dhcpv6.contains(header.destinationPort)
        guard !isForServer || destination == .beyond else { return .drop(.unsupported) }
        return serve(flow, at: destination, else: .prohibited)
    }

    /// Opens or closes what is behind the gateway's addresses.
    @inline(__always)
    private func serve(_ flow: GuestFlow, at destination: Destination, else refusal: Refusal) -> Classification {
        switch destination {
        case .outside: return .flow(flow)
        case .beyond:
            var flow = flow
            flow.mayOpen = false
            return .flow(flow)
        case .gateway
        where flow.destinationPort == Port.dns && flow.destination == gatewayAddress && policy.offersResolver:
            var flow = flow
            flow.destination = IPv6Address(mapping: resolverAlias)
            flow.edits.insert(.resolver)
            return .flow(flow)
        case .gateway: return allowsHostLoopback ? .flow(flow) : .refuse(refusal)
        case .resolver: return flow.destinationPort == Port.dns ? .flow(flow) : .refuse(refusal)
        case .prohibited, .group: return .refuse(refusal)
        }
    }
}
