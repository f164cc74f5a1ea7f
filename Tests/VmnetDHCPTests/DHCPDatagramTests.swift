import Testing
import VmnetDHCP
import VmnetTesting
import VmnetWire

private let client = FrameBuilder(from: "52:54:00:12:34:56", to: .broadcast)
private let discover = Guest("52:54:00:12:34:56").discover()

@Suite struct DHCPDatagramTests {
    private func frame(_ checksum: FrameBuilder.Checksum = .correct, payload: [UInt8]? = nil) -> [UInt8] {
        client.udp(
            from: "0.0.0.0:68", to: "255.255.255.255:67", checksum: checksum, payload: payload ?? discover.bytes())
    }

    @Test func `a frame to port 67 is a message and who sent it`() throws {
        let datagram = try DHCPDatagram(parsing: frame().span)
        #expect(datagram.message == discover)
        #expect(datagram.source == "52:54:00:12:34:56")
    }

    @Test func `a datagram without checksum is taken`() throws {
        #expect(try DHCPDatagram(parsing: frame(.zero).span).message == discover)
    }

    @Test func `a datagram with a wrong checksum is not`() {
        #expect(throws: WireError.checksum) { try DHCPDatagram(parsing: frame(.wrong).span) }
    }

    @Test func `a checksum that the sender left to the device is taken only from where that can be`() throws {
        let partial = OffloadDescriptor(needsChecksum: true, checksumStart: 34, checksumOffset: 6)
        #expect(try DHCPDatagram(parsing: frame(.partial).span, offload: partial).message == discover)
        #expect(throws: WireError.checksum) { try DHCPDatagram(parsing: frame(.partial).span) }
    }

    @Test func `padding after the datagram is not part of the message`() throws {
        let padded = frame() + [UInt8](repeating: 0xee, count: 60)
        #expect(try DHCPDatagram(parsing: padded.span).message == discover)
    }

    @Test func `IPv4 options before the datagram do no harm`() throws {
        let udp = Array(frame()[34...])
        let header = IPv4Header(proto: .udp, source: .any, destination: .broadcast, payloadLength: udp.count)
        let frame = client.ipv4(header, options: [1, 1, 1, 0], payload: udp)
        let isForServer = DHCPDatagram.isForServer(frame.span)
        #expect(isForServer)
        #expect(try DHCPDatagram(parsing: frame.span).message == discover)
    }

    @Test func `fragments, other protocols and other ports are not messages`() {
        var header = IPv4Header(proto: .udp, source: .any, destination: .broadcast, payloadLength: 8)
        header.moreFragments = true
        let fragment = client.ipv4(header, payload: [0, 68, 0, 67, 0, 8, 0, 0])
        let tcp = client.tcp(from: "0.0.0.0:68", to: "255.255.255.255:67", flags: [])
        let dns = client.udp(from: "192.168.64.2:68", to: "192.168.64.1:53", payload: discover.bytes())
        let arp = client.arpRequest(from: "192.168.64.2", for: "192.168.64.1")
        for frame in [fragment, tcp, dns, arp] {
            #expect(throws: WireError.self) { try DHCPDatagram(parsing: frame.span) }
        }
        for frame in [tcp, dns, arp] {
            let isForServer = DHCPDatagram.isForServer(frame.span)
            #expect(!isForServer)
        }
    }

    @Test func `no prefix of a frame is more than an error`() {
        let frame = frame()
        for count in 0..<frame.count {
            let prefix = Array(frame.prefix(count))
            _ = DHCPDatagram.isForServer(prefix.span)
            #expect(throws: WireError.self) { try DHCPDatagram(parsing: prefix.span) }
        }
    }
}
