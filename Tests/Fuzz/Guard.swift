import VmnetWire

@testable import VmnetNAT

extension FuzzTarget {
    /// What the filter says of a frame lies within it, and editing a packet keeps its checksums as right as they were.
    ///
    /// Nearly all mutations break the header's checksum, so every input is looked at a second time with a right one.
    static let guestFilter = FuzzTarget(name: "guest-filter") { bytes in
        checkFilter(bytes)
        var repaired = [UInt8](copying: bytes)
        guard repaired.count >= 34 else { return }
        repaired[24] = 0
        repaired[25] = 0
        let checksum = InternetChecksum.of(repaired.span.extracting(14..<34))
        repaired[24] = UInt8(checksum >> 8)
        repaired[25] = UInt8(checksum & 255)
        checkFilter(repaired.span)
    }

    /// A datagram put together is what its fragments were, each byte from one of them, and nothing beyond a packet.
    ///
    /// Four bytes make a fragment: datagram and "more fragments", offset (two), length.
    static let fragments = FuzzTarget(name: "fragments") { bytes in
        var reassembler = FragmentReassembler()
        var sent: [UInt16: [Int: UInt8]] = [:]
        for index in 0..<(bytes.count / 4) {
            let identification = UInt16(bytes[4 * index] & 3)
            let offset = Int(bytes.be16(at: 4 * index + 1) & 0x1fff) * 8
            let isLast = bytes[4 * index] < 0x80
            let count = isLast ? Int(bytes[4 * index + 3]) : Int(bytes[4 * index + 3] & 31) * 8
            let payload = [UInt8](repeating: UInt8(truncatingIfNeeded: index), count: count)
            let (frame, header) = fragment(identification, at: offset, isLast: isLast, payload)
            let outcome = reassembler.insert(frame.span, header, now: NATTime(nanoseconds: 1))
            // Refused for itself, without a word about the datagram.
            guard count > 0, offset + count <= 65535 - IPv4Header.byteCount else {
                require(outcome == .drop, "\(header)")
                continue
            }
            for place in 0..<count { sent[identification, default: [:]][offset + place] = payload[place] }
            switch outcome {
            case .incomplete: break
            case .drop: sent[identification] = nil
            case .complete(let frame):
                checkComplete(frame, sent[identification, default: [:]])
                sent[identification] = nil
            }
        }
    }
}

private let filter = makeFilter(reachesOutside: true)
private let confinedFilter = makeFilter(reachesOutside: false)

private func makeFilter(reachesOutside: Bool) -> GuestFilter {
    guard let gateway = IPv4Address("192.168.64.1"), let subnet = IPv4Subnet(containing: gateway, prefixLength: 24)
    else { fatalError("no subnet") }
    let configuration = NATConfiguration(
        gatewayAddress: gateway, subnet: subnet, reachesOutside: reachesOutside, nat66Prefix: IPv6Address("fd00:64::"))
    return GuestFilter(configuration, gatewayMAC: MACAddress(bits: 0x5254_0000_0001), canPing: true)
}

private func checkFilter(_ frame: Span<UInt8>) {
    checkConfined(frame)
    switch filter.classify(frame) {
    case .resolution(let resolution):
        require(
            (EthernetHeader.byteCount...frame.count).contains(resolution.byteCount),
            "\(resolution.byteCount) of \(frame.count) bytes")
    case .fragment(let header):
        var reassembler = FragmentReassembler()
        require(header.isFragment && !header.hasOptions, "\(header)")
        // Completing takes a second fragment.
        let outcome = reassembler.insert(frame, header, now: NATTime(nanoseconds: 1))
        require(outcome == .incomplete || outcome == .drop, "\(outcome)")
    case .flow(let flow): checkEdits(flow, frame.extracting(first: flow.byteCount))
    case .ignore, .drop, .refuse: break
    }
}

/// What may open a flow in a confined network is for the gateway.
private func checkConfined(_ frame: Span<UInt8>) {
    guard case .flow(let flow) = confinedFilter.classify(frame), flow.mayOpen else { return }
    let gateways =
        [IPv6Address(mapping: IPv4Address(bits: 0xc0a8_4001))]
        + ["fd00:64::2", "fd00:64::3", "fe80::2"]
        .compactMap { IPv6Address($0) }
    require(gateways.contains(flow.destination), "\(flow)")
}

private func checkEdits(_ flow: GuestFlow, _ frame: Span<UInt8>) {
    require(flow.transportOffset < flow.byteCount, "\(flow)")
    let ethernet = try? EthernetHeader(parsing: frame)
    var editor = FrameEditor()
    editor.load(frame)
    if case .tcp = flow.content {
        let before = sum(editor.bytes, from: flow.transportOffset)
        editor.clearUrgent(transportOffset: flow.transportOffset)
        require(sum(editor.bytes, from: flow.transportOffset) == before, "\(flow)")
        let segment = editor.bytes.span.extracting(droppingFirst: flow.transportOffset)
        let header = try? TCPHeader(parsing: segment)
        require(header?.flags.contains(.urg) == false && header?.urgentPointer == 0, "\(flow)")
    }
    guard ethernet?.type == .ipv4 else { return }
    editor.setDestination(IPv4Address(bits: 0xc0a8_4000))
    let packet = editor.bytes.span.extracting(droppingFirst: EthernetHeader.byteCount)
    let header = try? IPv4Header(parsing: packet)
    require(header?.destination.bits == 0xc0a8_4000, "\(flow)")
}

/// The sum modulo 65535, where all ones and zero are the same.
private func sum(_ bytes: [UInt8], from offset: Int) -> UInt16 {
    var sum = InternetChecksum()
    sum.add(bytes.span.extracting(droppingFirst: offset))
    return sum.folded % 0xffff
}

private func fragment(
    _ identification: UInt16, at offset: Int, isLast: Bool, _ payload: [UInt8]
) -> (frame: [UInt8], header: IPv4Header) {
    var header = IPv4Header(
        proto: .udp, source: IPv4Address(bits: 0xc0a8_4002), destination: IPv4Address(bits: 0x0808_0808),
        payloadLength: payload.count, identification: identification, dontFragment: false)
    header.fragmentOffset = offset
    header.moreFragments = !isLast
    let ethernet = EthernetHeader(
        destination: MACAddress(bits: 0x5254_0000_0001), source: MACAddress(bits: 0x5254_0000_0002), type: .ipv4)
    let frame = [UInt8](capacity: 34 + payload.count) {
        ethernet.write(to: &$0)
        header.write(to: &$0)
        $0.append(payload.span)
    }
    return (frame, header)
}

private func checkComplete(_ frame: [UInt8], _ sent: [Int: UInt8]) {
    let packet = frame.span.extracting(droppingFirst: EthernetHeader.byteCount)
    guard let header = try? IPv4Header(parsing: packet) else { fatalError("\(frame)") }
    require(!header.isFragment && header.payloadLength == sent.count, "\(header) of \(sent.count) bytes")
    for place in 0..<header.payloadLength {
        require(packet[IPv4Header.byteCount + place] == sent[place], "byte \(place)")
    }
}
