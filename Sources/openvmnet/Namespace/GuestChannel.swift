import FoundationEssentials
import SystemPackage
import VmnetSystem

/// The line between a namespace guest and the process that started it: one record a message, a `GuestReport` in JSON.
///
/// The end of it says that the guest has become its command, or is gone.
final class GuestChannel {
    private let socket: BlockingSocket

    /// The guest's number for its end.
    static let guestDescriptor: Int32 = 3
    /// The longest report is a diagnosis of a page.
    private static let maximumByteCount = 16 << 10

    private init(_ socket: consuming BlockingSocket) {
        self.socket = socket
    }

    /// Takes over one end of a SEQPACKET socket pair. A program that this process turns into will not have it.
    static func adopt(_ descriptor: consuming Descriptor) throws(SystemError) -> GuestChannel {
        try descriptor.setNonBlocking(false)
        try descriptor.setCloseOnExec()
        return GuestChannel(BlockingSocket(descriptor))
    }

    func send(_ report: GuestReport) throws(SystemError) {
        let bytes = try Self.encode(report)
        try socket.send(bytes.span)
    }

    /// The next report; nil at the end. Throws EAGAIN when none came within `timeout`.
    func receive(within timeout: Duration) throws(SystemError) -> GuestReport? {
        try socket.setTimeout(timeout)
        var buffer = [UInt8](repeating: 0, count: Self.maximumByteCount)
        guard let count = try socket.receive(into: &buffer) else {
            throw SystemError("hear from the guest within \(timeout)", .wouldBlock)
        }
        guard count > 0 else { return nil }
        return try Self.decode(Array(buffer[..<count]))
    }

    /// Sends the TAP, after `tapReady`.
    func pass(_ tap: borrowing Descriptor) throws(SystemError) {
        try DescriptorPassing.send(tap.raw, over: socket.descriptor.raw)
    }

    func receiveDescriptor() throws(SystemError) -> Descriptor {
        try DescriptorPassing.receive(over: socket.descriptor.raw)
    }

    /// Tells the guest that its TAP is attached: a record whose content does not matter.
    func goAhead() throws(SystemError) {
        try socket.send([1].span)
    }

    /// Whether the guest is to go on: false when the other end is gone.
    func waitForGoAhead() throws(SystemError) -> Bool {
        var buffer: [UInt8] = [0]
        return try socket.receive(into: &buffer) == 1
    }

    static func encode(_ report: GuestReport) throws(SystemError) -> [UInt8] {
        // Only a number that JSON lacks (infinite or none) cannot be encoded.
        guard let data = try? JSONEncoder().encode(report) else {
            throw SystemError("encode a report", .invalidArgument)
        }
        return [UInt8](data)
    }

    static func decode(_ bytes: [UInt8]) throws(SystemError) -> GuestReport {
        guard let report = try? JSONDecoder().decode(GuestReport.self, from: Data(bytes)) else {
            throw SystemError("understand the guest's report", .badMessage)
        }
        return report
    }
}
