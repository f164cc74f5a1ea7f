import CVmnetLinux
import Glibc

/// The control messages that travel with one datagram (`cmsg(3)`), each holding an integer.
///
/// What is sent is laid out one behind the other; what is received is walked through as the kernel wrote it.
enum ControlMessages {
    /// Room for three integers to send, or for what the kernel adds to a datagram received.
    static let byteCount = 96

    /// Writes a control message of one integer behind the `used` bytes that are there, and counts it in.
    // Safety: called with `byteCount` bytes, and for at most three messages.
    @unsafe static func append<Value: FixedWidthInteger>(
        _ value: Value, _ level: Int32, _ type: Int32, to control: UnsafeMutableRawPointer, used: inout Int
    ) {
        let message = unsafe (control + used).assumingMemoryBound(to: cmsghdr.self)
        unsafe message.pointee.cmsg_len = ovn_cmsg_len(MemoryLayout<Value>.size)
        unsafe message.pointee.cmsg_level = level
        unsafe message.pointee.cmsg_type = type
        unsafe ovn_cmsg_data(message).storeBytes(of: value, as: Value.self)
        used += Int(ovn_cmsg_space(MemoryLayout<Value>.size))
    }

    /// Calls `body` with level, type, data and its length of each message.
    // Safety: called with a header that the kernel has filled, whose control buffer is alive.
    @unsafe static func forEach(
        in header: UnsafeMutablePointer<msghdr>, _ body: (Int32, Int32, UnsafeRawBufferPointer) -> Void
    ) {
        var next = unsafe ovn_cmsg_firsthdr(header)
        while let message = unsafe next {
            let dataByteCount = unsafe max(0, Int(message.pointee.cmsg_len) - Int(ovn_cmsg_len(0)))
            let data = unsafe UnsafeRawBufferPointer(start: ovn_cmsg_data(message), count: dataByteCount)
            unsafe body(message.pointee.cmsg_level, message.pointee.cmsg_type, data)
            unsafe next = ovn_cmsg_nxthdr(header, message)
        }
    }
}
