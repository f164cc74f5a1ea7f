import CVmnet
import Glibc
import OpenVmnet
import Synchronization
import Testing

@testable import VmnetC

@Suite struct PlainInterfaceTests {
    /// Two interfaces of a host network, which are gone with this object.
    @safe
    private final class Pair {
        let sender: OpaquePointer
        let receiver: OpaquePointer

        init() throws {
            let network = unsafe try #require(ovn_network_start("vmnet-host", nil))
            unsafe sender = try #require(ovn_interface_start(network, nil))
            unsafe receiver = try #require(ovn_interface_start(network, nil))
            unsafe ovn_network_free(network)
        }

        deinit {
            unsafe ovn_interface_free(sender)
            unsafe ovn_interface_free(receiver)
        }
    }

    /// Broadcast, of a type that nobody answers.
    private static let frame: [UInt8] =
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x52, 0x54, 0, 1, 2, 3, 0x88, 0xb5] + Array(1...46)

    /// Calls `body` with one packet whose bytes are in parts of these sizes.
    private func withPacket<Result>(
        _ bytes: inout [UInt8], parts sizes: [Int], byteCount: Int, _ body: (inout ovn_packet) -> Result
    ) -> Result {
        unsafe bytes.withUnsafeMutableBytes { bytes in
            var offset = 0
            var parts = unsafe sizes.map { size in
                defer { offset += size }
                return unsafe iovec(iov_base: bytes.baseAddress?.advanced(by: offset), iov_len: size)
            }
            return unsafe parts.withUnsafeMutableBufferPointer { parts in
                var packet = unsafe ovn_packet(parts: parts.baseAddress, part_count: parts.count, byte_count: byteCount)
                return unsafe body(&packet)
            }
        }
    }

    @Test func `a packet in several parts arrives in several parts`() throws {
        let pair = try Pair()
        var sent = Self.frame
        let sentCount = unsafe withPacket(&sent, parts: [3, 0, 17, 40], byteCount: 60) { packet in
            unsafe ovn_interface_write(pair.sender, &packet, 1)
        }
        #expect(sentCount == 1)
        #expect(unsafe ovn_interface_waiting_packets(pair.receiver) == 1)
        var read = [UInt8](repeating: 0, count: 100)
        let (count, byteCount) = unsafe withPacket(&read, parts: [1, 58, 41], byteCount: 0) { packet in
            (unsafe ovn_interface_read(pair.receiver, &packet, 1), unsafe packet.byte_count)
        }
        #expect(count == 1 && byteCount == 60)
        #expect(Array(read[..<60]) == Self.frame)
        #expect(read[60...].allSatisfy { $0 == 0 })
    }

    @Test func `a packet that does not fit stays, and is read by who has room`() throws {
        let pair = try Pair()
        var sent = Self.frame
        _ = unsafe withPacket(&sent, parts: [60], byteCount: 60) { packet in
            unsafe ovn_interface_write(pair.sender, &packet, 1)
        }
        var read = [UInt8](repeating: 0, count: 60)
        let short = unsafe withPacket(&read, parts: [59], byteCount: 0) { packet in
            unsafe ovn_interface_read(pair.receiver, &packet, 1)
        }
        #expect(short == Int(OVN_ETOOBIG.rawValue))
        let whole = unsafe withPacket(&read, parts: [60], byteCount: 0) { packet in
            unsafe ovn_interface_read(pair.receiver, &packet, 1)
        }
        #expect(whole == 1)
    }

    @Test(arguments: [(4, OVN_EINVAL), (61, OVN_EINVAL), (1515, OVN_ETOOBIG), (-1, OVN_EINVAL)])
    func `a packet that is none is refused, with a reason`(byteCount: Int, error: ovn_error) throws {
        let pair = try Pair()
        var bytes = [UInt8](repeating: 0, count: 2000)
        let size = byteCount == 1515 ? 2000 : 60
        let result = unsafe withPacket(&bytes, parts: [size], byteCount: byteCount) { packet in
            unsafe ovn_interface_write(pair.sender, &packet, 1)
        }
        #expect(result == Int(error.rawValue))
        #expect(unsafe strlen(ovn_error_message()) > 0)
    }

    @Test func `of a batch those before the wrong packet are sent`() throws {
        let pair = try Pair()
        var bytes = Self.frame
        let sentCount = unsafe withPacket(&bytes, parts: [60], byteCount: 60) { packet in
            var batch = unsafe [packet, packet, packet]
            unsafe batch[2].byte_count = 3
            return unsafe ovn_interface_write(pair.sender, batch, 3)
        }
        #expect(sentCount == 2)
        #expect(unsafe ovn_interface_waiting_packets(pair.receiver) == 2)
    }

    @Test func `more packets than the limit are refused`() throws {
        let pair = try Pair()
        var bytes = Self.frame
        let results = unsafe withPacket(&bytes, parts: [60], byteCount: 60) { packet in
            var batch = unsafe [ovn_packet](repeating: packet, count: 257)
            return unsafe [
                ovn_interface_write(pair.sender, batch, 257), ovn_interface_read(pair.receiver, &batch, 257),
            ]
        }
        #expect(results == [Int(OVN_ETOOMANY.rawValue), Int(OVN_ETOOMANY.rawValue)])
    }

    @Test func `parameters are what was asked for`() throws {
        let network = unsafe try #require(
            ovn_network_start(
                "vmnet-shared,start-address=10.213.31.1,end-address=10.213.31.9,subnet-mask=255.255.255.0,mtu=1400",
                nil))
        defer { unsafe ovn_network_free(network) }
        var parameters = ovn_interface_parameters()
        let address: [UInt8] = [0x52, 0x54, 0, 1, 2, 3]
        unsafe address.withUnsafeBufferPointer { octets in
            var options = unsafe ovn_interface_options()
            unsafe options.size = MemoryLayout<ovn_interface_options>.size
            unsafe options.mac_address = octets.baseAddress
            let interface = unsafe ovn_interface_start(network, &options)
            let size = MemoryLayout<ovn_interface_parameters>.size
            #expect(unsafe ovn_interface_get_parameters(interface, &parameters, size) == 0)
            unsafe ovn_interface_free(interface)
        }
        #expect(unsafe withUnsafeBytes(of: parameters.mac_address) { unsafe Array($0) } == address)
        #expect(parameters.mtu == 1400 && parameters.max_packet_size == 1414)
        #expect(parameters.has_addresses == 1)
        #expect(UInt32(bigEndian: parameters.end_address.s_addr) == 0x0ad5_1f09)
    }

    @Test func `options of an unknown size are refused`() {
        var options = unsafe ovn_network_options()
        #expect(unsafe ovn_network_start("vmnet-host", &options) == nil)
        #expect(unsafe String(cString: ovn_error_message()).contains("'size'"))
    }

    @Test func `a context is given back when its handler is replaced`() throws {
        let pair = try Pair()
        let released = Released()
        let context = unsafe Unmanaged.passUnretained(released).toOpaque()
        let result = unsafe ovn_interface_set_event_handler(pair.receiver, { _, _ in }, context) { context in
            unsafe Unmanaged<Released>.fromOpaque(context!).takeUnretainedValue().note()
        }
        #expect(result == 0 && released.count == 0)
        #expect(unsafe ovn_interface_set_event_handler(pair.receiver, nil, nil, nil) == 0)
        #expect(released.count == 1)
    }

    private final class Released: Sendable {
        private let number = Mutex(0)
        var count: Int { number.withLock { $0 } }
        func note() { number.withLock { $0 += 1 } }
    }

    @Test func `nothing can be done with an interface that is stopped, or NULL`() throws {
        let pair = try Pair()
        unsafe ovn_interface_stop(pair.sender)
        var bytes = Self.frame
        let result = unsafe withPacket(&bytes, parts: [60], byteCount: 60) { packet in
            unsafe ovn_interface_write(pair.sender, &packet, 1)
        }
        #expect(result == Int(OVN_ESTOPPED.rawValue))
        #expect(ovn_interface_descriptor(nil) == OVN_EINVAL.rawValue)
        ovn_interface_free(nil)
        ovn_network_free(nil)
    }
}
