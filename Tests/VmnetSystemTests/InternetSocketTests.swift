import Glibc
import SystemPackage
import Testing
import VmnetTesting

@testable import VmnetSystem

@Suite struct InternetSocketTests {
    private static let loopback = InternetEndpoint(high: 0, low: 0xffff_7f00_0001, port: 0)
    private static let loopback6 = InternetEndpoint(high: 0, low: 1, port: 0)

    @Test(arguments: [loopback, loopback6])
    func `a bound port refuses clients, keeps others out, and lets clients in when it is told to`(
        endpoint: InternetEndpoint
    ) throws {
        let socket = try InternetSocket.bindStream(to: endpoint)
        let name = try #require(InternetEndpoint(nameOf: socket.raw))
        #expect(name.port != 0)
        for _ in 0..<2 {
            #expect(throws: SystemError.self) { _ = try InternetSocket.bindStream(to: name) }
            try InternetSocket.listen(socket.raw, at: name)
            #expect(throws: SystemError.self) { _ = try InternetSocket.bindStream(to: name) }
            if name.isIPv4 {
                let client = try BlockingSocket.connect(to: 0x7f00_0001, port: name.port, timeout: .seconds(5))
                let accepted = try #require(try Self.accept(socket.raw))
                #expect(InternetEndpoint(peerOf: accepted)?.address == name.address)
                _ = Descriptor(owning: accepted)
                _ = consume client
            }
            InternetSocket.refuse(socket.raw)
            if name.isIPv4 {
                #expect(throws: SystemError.self) {
                    _ = try BlockingSocket.connect(to: 0x7f00_0001, port: name.port, timeout: .seconds(5))
                }
            }
        }
    }

    private static func accept(_ raw: Int32) throws -> Int32? {
        guard let connection = try Socket.accept(raw) else { return nil }
        return connection.release()
    }

    @Test func `an address in use is named, with what to do about it`() throws {
        let first = try InternetSocket.bindDatagram(to: Self.loopback, bufferByteCount: 1 << 16)
        let name = try #require(InternetEndpoint(nameOf: first.raw))
        let error = try #require(throws: SystemError.self) {
            _ = try InternetSocket.bindDatagram(to: name, bufferByteCount: 1 << 16)
        }
        #expect(error.operation == "bind to 127.0.0.1:\(name.port)")
        #expect(error.errno == .addressInUse)
        #expect(error.remedy != nil)
    }

    @Test(arguments: [loopback, loopback6])
    func `connections within the host are not paced`(endpoint: InternetEndpoint) throws {
        let socket = try InternetSocket.bindStream(to: endpoint)
        #expect(congestionControl(of: socket.raw) == "reno")
    }

    @Test func `the peer of a narrow socket is two segments ahead at most`() throws {
        let listener = try InternetSocket.bindStream(to: Self.loopback)
        let name = try #require(InternetEndpoint(nameOf: listener.raw))
        try InternetSocket.listen(listener.raw, at: name)
        let windows = try [false, true].map { isNarrow in
            let socket = Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
            if isNarrow { InternetSocket.narrowWindow(socket.raw) }
            // Safety: the address is lent for the call.
            try #require(unsafe name.withSocketAddress { unsafe connect(socket.raw, $0, $1) } == 0)
            let peer = Descriptor(owning: try #require(try Self.accept(listener.raw)))
            return try #require(longestWindow(of: peer.raw))
        }
        #expect(windows[0] > 131_070 && windows[1] == 131_070)
    }

    @Test func `connections from elsewhere are paced as the host's administrator wishes`() throws {
        let everywhere = try InternetSocket.bindStream(to: InternetEndpoint(high: 0, low: 0xffff_0000_0000, port: 0))
        let plain = Descriptor(owning: socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
        #expect(congestionControl(of: everywhere.raw) == congestionControl(of: plain.raw))
    }

    @Test func `a deaf socket hears nothing of what came meanwhile`() throws {
        let socket = try InternetSocket.bindDatagram(to: Self.loopback, bufferByteCount: 1 << 16)
        let name = try #require(InternetEndpoint(nameOf: socket.raw))
        let sender = try DatagramSocket.open(isIPv4: true, isLocal: true, bufferByteCount: 1 << 16)
        var sending = DatagramSendBatch()
        let receiving = DatagramReceiveBatch()
        func send(_ byte: UInt8) {
            sending.removeAll()
            #expect(sending.begin(to: name) && sending.append(0..<1))
            #expect(sending.send(sender.raw, from: [byte].span) == .moved(1))
        }
        InternetSocket.setDeaf(true, socket.raw)
        send(1)
        InternetSocket.setDeaf(false, socket.raw)
        send(2)
        #expect(receiving.receive(socket.raw, limit: 32) == .moved(1))
    }

    @Test func `an endpoint is written as people write it`() {
        #expect("\(Self.loopback)" == "127.0.0.1:0")
        #expect("\(Self.loopback6)" == "[::1]:0")
    }

    @Test func `a stand-in comes from the port that it is asked for, and leaves nothing behind`() throws {
        let listener = try InternetSocket.bindStream(to: Self.loopback)
        let name = try #require(InternetEndpoint(nameOf: listener.raw))
        try InternetSocket.listen(listener.raw, at: name)
        let standIn = try StandInConnection(from: name.port)
        #expect(standIn.port == name.port)
        try standIn.connect(to: listener.raw)
        let accepted = try #require(try Self.accept(listener.raw))
        #expect(InternetEndpoint(peerOf: accepted)?.port == name.port)
        _ = Descriptor(owning: accepted)
    }
}

extension InternetEndpoint {
    fileprivate var address: [UInt64] { [high, low] }
}
