import CGuest
import Glibc
import OpenVmnet
import VmnetWire

/// A guest of this process with one TCP connection to a service on this host's loopback.
final class ProgramGuest: @unchecked Sendable {
    /// Room for a virtio-net header and the longest frame.
    private static let capacity = 12 + 65549

    let interface: Interface
    private let checksum: guest_checksum
    private var guest: guest
    private var packet: [UInt8]

    /// Connects; `port` is of the loopback.
    init(on network: Network, to port: UInt16, _ configuration: InterfaceConfiguration = .init()) throws {
        interface = try network.makeInterface(configuration)
        checksum = configuration.hasVirtioHeader ? GUEST_CHECKSUM_PARTIAL : GUEST_CHECKSUM_COMPLETE
        packet = [UInt8](repeating: 0, count: Self.capacity)
        guard let gateway = network.host?.address else { throw Failure("the network has no gateway") }
        guest = CGuest.guest()
        copy(interface.parameters.macAddress, to: &guest.station)
        copy(MACAddress(bits: 0x5255 << 32 | UInt64(gateway.bits)), to: &guest.gateway_station)
        guest.address = gateway.bits + 1
        guest.gateway = gateway.bits
        (guest.port, guest.remote_port, guest.sent) = (1025, port, 1000)
        try send(0, flags: UInt8(GUEST_SYN))
        let deadline = ContinuousClock.now + .seconds(5)
        while guest.is_connected == 0 {
            guard .now < deadline else { throw Failure("no connection") }
            _ = try read()
            usleep(100)
        }
        try send(0, flags: UInt8(GUEST_ACK))
    }

    /// What the connection takes now, in bytes.
    var room: Int {
        // Safety: it is read during the call.
        Int(unsafe guest_room(&guest))
    }

    /// Sends so many bytes in one segment.
    func send(_ count: Int, flags: UInt8 = UInt8(GUEST_ACK | GUEST_PSH)) throws {
        let header = interface.parameters.maximumPacketByteCount > 65549 ? 12 : 0
        // Safety: the packet has room for the longest frame.
        let length = unsafe packet.withUnsafeMutableBytes { bytes in
            let frame = unsafe bytes.baseAddress.unsafelyUnwrapped + header
            let length = unsafe guest_write(
                &guest, frame.assumingMemoryBound(to: UInt8.self), flags, nil, count, checksum)
            if header > 0 { unsafe announce(in: bytes, count) }
            return header + length
        }
        let packet = packet
        try interface.write { batch throws(VmnetError) in try batch.add(packet.span.extracting(first: length)) }
    }

    /// Reads what waits, and returns how many bytes of the connection were in it.
    func read() throws -> Int {
        var count = 0
        let header = interface.parameters.maximumPacketByteCount > 65549 ? 12 : 0
        _ = try interface.read(upTo: 256) { _, packet in
            // Safety: the packet is lent for the call.
            count += unsafe packet.withUnsafeBufferPointer {
                unsafe guest_read(&guest, $0.baseAddress.unsafelyUnwrapped + header, $0.count - header)
            }
            return true
        }
        return count
    }

    /// The virtio-net header: a partial TCP checksum, and segments of the MTU where there is more than one.
    private func announce(in bytes: UnsafeMutableRawBufferPointer, _ count: Int) {
        let isJoined = count > 1460
        let header: [UInt8] = [1, isJoined ? 1 : 0, 54, 0, isJoined ? 0xb4 : 0, isJoined ? 5 : 0, 34, 0, 16, 0, 1, 0]
        unsafe bytes.copyBytes(from: header)
    }

    private func copy(_ address: MACAddress, to station: inout (UInt8, UInt8, UInt8, UInt8, UInt8, UInt8)) {
        let octets = address.octets
        station = (octets[0], octets[1], octets[2], octets[3], octets[4], octets[5])
    }
}

struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
