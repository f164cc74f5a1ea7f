import VmnetSystem

/// The two sockets that `run` gives a command, at the numbers that vmnet's wrappers have used before us.
enum GuestSockets {
    /// A connected stream socket in QEMU's framing, as socket_vmnet_client gives it.
    static let stream: Int32 = 3
    /// A connected datagram socket, as vmnet-run gives it.
    static let datagram: Int32 = 4

    /// Room for some 900 full frames from the command: on Linux the sender's is the depth of a datagram queue. The other
    /// end's is for the network to set.
    private static let bufferByteCount = 1 << 20

    /// Starts `command` with both sockets, whose other ends are guests on `network`.
    static func start(_ command: [String], on network: RunNetwork) throws -> SpawnedProcess {
        let stream = try pair(.stream, on: network, origin: "run fd \(stream)")
        let datagram = try pair(.datagram, on: network, origin: "run fd \(datagram)")
        do throws(SystemError) {
            return try SpawnedProcess(
                command,
                descriptors: [.init(stream.raw, at: Self.stream), .init(datagram.raw, at: Self.datagram)],
                environment: ["OPENVMNET_STREAM_FD": "\(Self.stream)", "OPENVMNET_DGRAM_FD": "\(Self.datagram)"])
        } catch {
            throw Failure.notStarted(command, error.errno)
        }
    }

    /// Attaches one end and returns the other, which blocks unless the command says otherwise.
    private static func pair(_ kind: SocketKind, on network: RunNetwork, origin: String) throws -> Descriptor {
        let pair = try Socket.pair(kind)
        Socket.setBuffers(pair.second.raw, byteCount: bufferByteCount)
        let ours = pair.first
        let theirs = pair.second
        try theirs.setNonBlocking(false)
        try network.attach(ours, origin: origin)
        return theirs
    }
}
