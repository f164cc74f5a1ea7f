import SystemPackage
package import VmnetSystem

/// A descriptor that the process was started with, `fd:N`: whichever transport fits what it turns out to be.
package enum InheritedDescriptor {
    /// A stream socket, a connected datagram or record socket, or a TAP interface.
    ///
    /// - Parameters:
    ///   - raw: taken over: it is closed with the transport, or by the error.
    ///   - buffers: the network's.
    ///   - hasVirtioHeader: whether each frame on a stream socket has that header before it.
    ///   - remainder: what a predecessor has left of the same connection, if one did.
    package static func transport(
        _ raw: Int32, buffers: TransportBuffers, hasVirtioHeader: Bool = false,
        resuming remainder: TransportRemainder = TransportRemainder()
    ) throws(SystemError) -> any Transport {
        guard Descriptor.isOpen(raw) else {
            throw SystemError(
                "use descriptor \(raw) as a guest", .badFileDescriptor, remedy: "nothing is open at that number")
        }
        let descriptor = Descriptor(owning: raw)
        try descriptor.setCloseOnExec()
        if TapInterface.isInterface(raw) {
            return TapPort(try TapInterface(adopting: descriptor), buffers: buffers)
        }
        guard let kind = try? Socket.kind(of: raw) else {
            throw SystemError(
                "use descriptor \(raw) as a guest", .notSocket,
                remedy: "it has to be a socket, or a TAP interface")
        }
        guard Socket.isConnected(raw) else {
            throw SystemError(
                "use descriptor \(raw) as a guest", .socketNotConnected,
                remedy: "hand over a connected socket; for one that guests connect to, give its path instead")
        }
        guard !hasVirtioHeader || kind == .stream else {
            throw SystemError(
                "use descriptor \(raw) as a guest with a header before each frame", .protocolWrongTypeForSocket,
                remedy: "that takes a stream socket")
        }
        return switch kind {
        case .stream:
            try StreamPort(descriptor, buffers: buffers, hasVirtioHeader: hasVirtioHeader, resuming: remainder)
        case .datagram: try DatagramPort(descriptor, buffers: buffers)
        case .seqpacket: try SeqpacketPort(descriptor, buffers: buffers)
        }
    }
}
