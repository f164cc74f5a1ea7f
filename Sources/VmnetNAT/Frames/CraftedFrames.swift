import VmnetWire

/// Frames that the NAT itself gives to libslirp in the guest's name.
enum CraftedFrames {
    /// A gratuitous ARP request, from which libslirp learns the guest's address without asking for it.
    static func announcement(of address: IPv4Address, at station: MACAddress) -> [UInt8] {
        let ethernet = EthernetHeader(destination: .broadcast, source: station, type: .arp)
        let arp = ARPPacket(
            operation: .request, senderMAC: station, senderAddress: address, targetMAC: .zero, targetAddress: address)
        return [UInt8](capacity: EthernetHeader.byteCount + ARPPacket.byteCount) { output in
            ethernet.write(to: &output)
            arp.write(to: &output)
        }
    }

    /// A neighbour advertisement that nobody has asked for (RFC 4861, 7.2.6), to the same end.
    static func announcement(of address: IPv6Address, at station: MACAddress) -> [UInt8] {
        let group = IPv6Address(high: 0xff02 << 48, low: 1)
        let target = [UInt8](capacity: 24) { output in
            output.append(be64: address.high)
            output.append(be64: address.low)
            // Target link-layer address, in units of eight bytes (RFC 4861, 4.6.1).
            output.append(be16: 0x0201)
            output.append(be48: station.bits)
        }
        // It overrides what was known before.
        var message = ICMPHeader(type: ICMPHeader.V6.neighborAdvertisement, code: 0, rest: 0x2000_0000)
        let byteCount = ICMPHeader.byteCount + target.count
        var sum = InternetChecksum()
        sum.addPseudoHeader(source: address, destination: group, proto: .icmpv6, length: byteCount)
        let plain = [UInt8](capacity: ICMPHeader.byteCount) { message.write(to: &$0) }
        sum.add(plain.span)
        sum.add(target.span)
        message.checksum = sum.finished
        let ethernet = EthernetHeader(destination: .broadcast, source: station, type: .ipv6)
        let packet = IPv6Header(
            nextHeader: .icmpv6, source: address, destination: group, payloadLength: byteCount, hopLimit: 255)
        return [UInt8](capacity: EthernetHeader.byteCount + IPv6Header.byteCount + byteCount) { output in
            ethernet.write(to: &output)
            packet.write(to: &output)
            message.write(to: &output)
            output.append(target.span)
        }
    }

    /// A segment without data on a connection of the guest.
    ///
    /// - Parameters:
    ///   - key: a TCP connection's.
    ///   - station: the guest's; libslirp looks at no Ethernet address of an IP packet.
    static func segment(
        on key: FlowKey, from station: MACAddress = .zero, flags: TCPHeader.Flags, sequence: UInt32,
        acknowledgement: UInt32, window: UInt16
    ) -> [UInt8] {
        var header = TCPHeader(
            sourcePort: key.sourcePort, destinationPort: key.destinationPort, sequence: sequence,
            acknowledgement: acknowledgement, flags: flags, window: window)
        var sum = InternetChecksum()
        if key.isIPv4 {
            sum.addPseudoHeader(
                source: key.source.mapped, destination: key.destination.mapped, proto: .tcp,
                length: TCPHeader.byteCount)
        } else {
            sum.addPseudoHeader(
                source: key.source, destination: key.destination, proto: .tcp, length: TCPHeader.byteCount)
        }
        let plain = [UInt8](capacity: TCPHeader.byteCount) { header.write(to: &$0) }
        sum.add(plain.span)
        header.checksum = sum.finished
        let ethernet = EthernetHeader(destination: .zero, source: station, type: key.isIPv4 ? .ipv4 : .ipv6)
        let byteCount = EthernetHeader.byteCount + IPv6Header.byteCount + TCPHeader.byteCount
        return [UInt8](capacity: byteCount) { output in
            ethernet.write(to: &output)
            writePacketHeader(of: key, to: &output)
            header.write(to: &output)
        }
    }

    private static func writePacketHeader(of key: FlowKey, to output: inout OutputSpan<UInt8>) {
        if key.isIPv4 {
            IPv4Header(
                proto: .tcp, source: key.source.mapped, destination: key.destination.mapped,
                payloadLength: TCPHeader.byteCount
            ).write(to: &output)
        } else {
            IPv6Header(
                nextHeader: .tcp, source: key.source, destination: key.destination,
                payloadLength: TCPHeader.byteCount
            ).write(to: &output)
        }
    }
}

extension IPv6Address {
    /// The IPv4 address in the last four bytes.
    var mapped: IPv4Address { IPv4Address(bits: UInt32(truncatingIfNeeded: low)) }
}
