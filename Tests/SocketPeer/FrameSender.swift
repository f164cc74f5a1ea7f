import Glibc

/// Sends Ethernet frames as they are, which needs CAP_NET_RAW.
enum FrameSender {
    /// - Parameter frames: in hexadecimal, from the destination address on.
    static func send(_ frames: [String], on interface: String) throws(Failure) {
        // Protocol 0: nothing is received.
        let socket = socket(AF_PACKET, Int32(SOCK_RAW.rawValue), 0)
        guard socket >= 0 else { throw Failure(errno: "open a packet socket") }
        defer { close(socket) }
        // struct sockaddr_ll: family, protocol, the interface's number; the rest is the kernel's.
        var address = [UInt8](repeating: 0, count: 20)
        address[0] = UInt8(AF_PACKET)
        // Safety: the name is lent for the call.
        let index = unsafe if_nametoindex(interface)
        for octet in 0..<4 { address[4 + octet] = UInt8(truncatingIfNeeded: index >> (8 * octet)) }
        for text in frames {
            let digits = Array(text)
            let frame = stride(from: 0, to: digits.count - 1, by: 2).compactMap {
                UInt8(String(digits[$0...($0 + 1)]), radix: 16)
            }
            // Safety: the frame and the address live for the call, and are as long as it is told.
            let count = unsafe address.withUnsafeBytes { address in
                unsafe sendto(
                    socket, frame, frame.count, 0, address.baseAddress?.assumingMemoryBound(to: sockaddr.self),
                    socklen_t(address.count))
            }
            guard count == frame.count else { throw Failure(errno: "send a frame of \(frame.count) bytes") }
        }
    }
}
