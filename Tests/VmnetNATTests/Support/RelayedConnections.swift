import Testing
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

extension Connection {
    /// Options of a SYN: MSS 1460, and windows shifted by 7; and selective acknowledgements beside.
    static let scaling = scaling(segmentSize: 1460)
    static let selective = scaling + [1, 1, 4, 2]

    static func scaling(segmentSize: Int) -> [UInt8] {
        [2, 4, UInt8(segmentSize >> 8), UInt8(segmentSize & 0xff), 1, 3, 3, 7]
    }

    /// What the server gets until its stream ends, or `count` bytes.
    func receive(_ count: Int, at server: HostSocket) -> [UInt8] {
        var bytes: [UInt8] = []
        run {
            while let more = server.receive(), !more.isEmpty { bytes += more }
            return bytes.count >= count
        }
        return bytes
    }

    /// Sends all of it as the window allows, in segments of `size` bytes, while the server reads.
    func upload(_ data: [UInt8], by size: Int, to server: HostSocket) -> [UInt8] {
        var (sent, received) = (0, [UInt8]())
        run {
            let scale = peerScale.map(Int.init) ?? 0
            while sent < data.count {
                let count = min(size, data.count - sent)
                let under = Int(sequence &- acknowledged)
                guard under + count <= Int(peerWindow) << scale else { break }
                send(Array(data[sent..<(sent + count)]))
                sent += count
            }
            while let more = server.receive(), !more.isEmpty { received += more }
            return received.count == data.count
        }
        return received
    }
}

extension Guest {
    /// A connection whose data the relay carries, and the socket of the host that it leads to.
    func openRelayed(
        from port: UInt16 = 40000, options: [UInt8] = Connection.scaling
    ) throws -> (Connection, HostSocket) {
        let listener = HostSocket.listener()
        let connection = Connection(self, from: port, to: Endpoint(Guest.gateway, listener.port))
        connection.options = options
        try #require(connection.open())
        var accepted: HostSocket?
        run {
            accepted = listener.accept()
            return accepted != nil
        }
        let server = try #require(accepted)
        let slots = 0..<nat.context.flows.sockets.slotCount
        #expect(slots.contains { nat.slirp.relay[$0]?.key.sourcePort == port })
        return (connection, server)
    }

    /// The numbers of the data that the guest is sent in no time, frame by frame, until `count` bytes have come from `start`
    /// on.
    func takeData(_ count: Int, from start: Int = 0) -> [Range<Int>] {
        var ranges: [Range<Int>] = []
        inNoTime {
            run {
                ranges += take().compactMap { Self.data(of: $0) }.filter { $0.lowerBound >= start }
                return ranges.reduce(0) { $0 + $1.count } >= count
            }
        }
        return ranges
    }

    private static func data(of frame: [UInt8]) -> Range<Int>? {
        guard let segment = Packet.segment(in: frame), let header = try? TCPHeader(parsing: segment.span),
            segment.count > header.headerLength
        else { return nil }
        return Int(header.sequence)..<(Int(header.sequence) + segment.count - header.headerLength)
    }
}
