import CVmnetLinux
import Glibc
import SystemPackage

/// Hands descriptors to another process over a Unix socket (SCM_RIGHTS, unix(7)).
package enum DescriptorPassing {
    /// Sends a duplicate of `descriptor`, with the bytes: at least one, because a stream carries no descriptor without data.
    ///
    /// Never raises SIGPIPE. On a non-blocking socket without room it throws EAGAIN.
    package static func send(
        _ descriptor: Int32, with bytes: [UInt8] = [0], over socket: Int32
    ) throws(SystemError) {
        var bytes = bytes
        var control = ControlBuffer()
        try SystemCall.run("pass the descriptor \(descriptor)") {
            // Safety: the pointers live for the call, and the header says how far each reaches.
            unsafe bytes.withUnsafeMutableBytes { data in
                unsafe control.withHeader(data: data) { header in
                    unsafe header.pointee.msg_controllen = ovn_cmsg_space(ControlBuffer.descriptorByteCount)
                    if let message = unsafe ovn_cmsg_firsthdr(header) {
                        unsafe message.pointee.cmsg_level = SOL_SOCKET
                        unsafe message.pointee.cmsg_type = Int32(SCM_RIGHTS)
                        unsafe message.pointee.cmsg_len = ovn_cmsg_len(ControlBuffer.descriptorByteCount)
                        unsafe ovn_cmsg_data(message).storeBytes(of: descriptor, as: Int32.self)
                    }
                    return unsafe sendmsg(socket, header, Int32(MSG_NOSIGNAL))
                }
            }
        }
    }

    /// Receives one message and the descriptor in it, closed on exec.
    ///
    /// Throws ENOTCONN when the other end has closed, ENOMSG when the message holds no descriptor; on a non-blocking
    /// socket without a message, EAGAIN. Descriptors beyond the first are closed.
    package static func receive(over socket: Int32) throws(SystemError) -> Descriptor {
        var message = try receive(maximumByteCount: 1, over: socket)
        if let descriptor = message.descriptor.take() { return descriptor }
        throw SystemError("receive a descriptor", message.bytes.isEmpty ? .socketNotConnected : .noMessage)
    }

    /// Receives one message, cut to `maximumByteCount`, and the descriptor in it, if there is one, closed on exec.
    ///
    /// No bytes: the other end has closed. On a non-blocking socket without a message it throws EAGAIN. Descriptors
    /// beyond the first are closed.
    package static func receive(maximumByteCount: Int, over socket: Int32) throws(SystemError) -> PassedMessage {
        var bytes = [UInt8](repeating: 0, count: maximumByteCount)
        var control = ControlBuffer()
        var received: [Int32] = []
        let count = try SystemCall.run("receive a descriptor") {
            // Safety: the pointers live for the call, and the header says how far each reaches.
            unsafe bytes.withUnsafeMutableBytes { data in
                unsafe control.withHeader(data: data) { header in
                    let count = unsafe recvmsg(socket, header, Int32(MSG_CMSG_CLOEXEC))
                    if count >= 0 { unsafe received = descriptors(in: header) }
                    return count
                }
            }
        }
        for extra in received.dropFirst() { _ = Descriptor(owning: extra) }
        bytes.removeSubrange(count...)
        return PassedMessage(bytes: bytes, descriptor: received.first.map { Descriptor(owning: $0) })
    }

    // Safety: called with a header that recvmsg has filled, whose control buffer is alive.
    private static func descriptors(in header: UnsafeMutablePointer<msghdr>) -> [Int32] {
        var found: [Int32] = []
        var next = unsafe ovn_cmsg_firsthdr(header)
        while let message = unsafe next {
            if unsafe message.pointee.cmsg_level == SOL_SOCKET,
                unsafe message.pointee.cmsg_type == Int32(SCM_RIGHTS)
            {
                let byteCount = unsafe Int(message.pointee.cmsg_len) - Int(ovn_cmsg_len(0))
                for offset in stride(from: 0, to: byteCount - 3, by: 4) {
                    unsafe found.append(ovn_cmsg_data(message).load(fromByteOffset: offset, as: Int32.self))
                }
            }
            unsafe next = ovn_cmsg_nxthdr(header, message)
        }
        return found
    }
}

/// A message, and what came with it.
package struct PassedMessage: ~Copyable, Sendable {
    package let bytes: [UInt8]
    package var descriptor: Descriptor?
}

/// Room for the control messages of one call, aligned as `struct cmsghdr` wants it.
private struct ControlBuffer {
    static let descriptorByteCount = MemoryLayout<Int32>.size

    private var words = [UInt64](repeating: 0, count: 8)

    mutating func withHeader<R>(
        data: UnsafeMutableRawBufferPointer, _ body: (UnsafeMutablePointer<msghdr>) -> R
    ) -> R {
        // Safety: the vector, the header and the buffer live for the body.
        unsafe words.withUnsafeMutableBytes { control in
            var vector = unsafe iovec(iov_base: data.baseAddress, iov_len: data.count)
            return unsafe withUnsafeMutablePointer(to: &vector) { vector in
                var header = unsafe msghdr(
                    msg_name: nil, msg_namelen: 0, msg_iov: vector, msg_iovlen: 1, msg_control: control.baseAddress,
                    msg_controllen: control.count, msg_flags: 0)
                return unsafe body(&header)
            }
        }
    }
}
