import VmnetWire

extension Workload {
    static let parse = Workload("wire.parse", "Ethernet, IPv4 and TCP headers of one frame") {
        let frame = Station.segments(1)[0]
        return { count in
            var frame = frame
            for _ in 0..<count {
                // Or the compiler would parse once.
                frame[0] &+= 2
                use(Headers(frame.span))
            }
        }
    }

    static let checksums = [64, 1500, 65536].map { byteCount in
        Workload("wire.checksum.\(byteCount)", "\(byteCount) bytes") {
            return { [bytes = [UInt8](repeating: 0xa5, count: byteCount)] count in
                var bytes = bytes
                for _ in 0..<count {
                    // Or the compiler would sum once.
                    bytes[0] &+= 1
                    use(InternetChecksum.of(bytes.span))
                }
            }
        }
    }
}

/// What parsing a frame brings; nil where one of the headers is none.
private struct Headers {
    let ethernet: EthernetHeader
    let internet: IPv4Header
    let transport: TCPHeader

    init?(_ frame: Span<UInt8>) {
        do throws(WireError) {
            ethernet = try EthernetHeader(parsing: frame)
            let packet = frame.extracting(droppingFirst: EthernetHeader.byteCount)
            internet = try IPv4Header(parsing: packet)
            transport = try TCPHeader(parsing: packet.extracting(droppingFirst: internet.headerLength))
        } catch {
            return nil
        }
    }
}
