import CBridge
import Glibc
import SystemPackage

/// `openvmnet-bridge-helper`: a program with CAP_NET_RAW that opens a packet socket for a user whom
/// `/etc/openvmnet/bridge.conf` allows the interface.
package struct BridgeHelper: Sendable {
    /// Where the program is.
    package let path: String

    package init(path: String) {
        self.path = path
    }

    /// Has it open a packet socket on the interface of that name, in this process's network namespace.
    ///
    /// Blocks for the few milliseconds that the program runs. The socket is bound to the interface for good, and its
    /// filter drops all frames.
    ///
    /// Throws EACCES when the policy does not allow it, EPERM when the program has no capability, ENODEV when there is no
    /// such interface, ENETDOWN when it is down, EINVAL when it is not Ethernet; with what to do about it.
    package func open(_ interface: String) throws(SystemError) -> Descriptor {
        let pair = try Socket.pair(.seqpacket)
        let ours = pair.first
        let theirs = pair.second
        let process = try start(interface, replyingTo: theirs.raw)
        // The helper's end is then the only one, so that its death is noticed.
        _ = consume theirs
        var reply = try Self.receive(over: ours, from: process)
        let status = try process.wait()
        if let descriptor = reply.descriptor.take() { return descriptor }
        guard let refusal = BridgeRefusal(reply: reply.bytes) else {
            throw SystemError("bridge \(interface)", .ioError, remedy: "\(path) ended without a reply: \(status)")
        }
        throw refusal.error(bridging: interface, through: self)
    }

    /// What root has to do so that the program has its capability.
    var capabilityRemedy: String {
        "as root: setcap cap_net_raw+ep \(path) (on a file system that is not mounted with nosuid)"
    }

    /// Its number in the helper.
    private static let replySocket: Int32 = 3
    private static let patience = Duration.seconds(10)

    private func start(_ interface: String, replyingTo socket: Int32) throws(SystemError) -> SpawnedProcess {
        do throws(SystemError) {
            return try SpawnedProcess(
                [path, "--fd", "\(Self.replySocket)", "--ifname", interface],
                descriptors: [.init(socket, at: Self.replySocket)])
        } catch {
            // A program with a capability that its starter can never have is not even started (capabilities(7)).
            guard error.errno == .notPermitted else { throw error }
            throw SystemError(
                "bridge \(interface)", error.errno,
                remedy: "this process and its children may never have CAP_NET_RAW: give the container that capability")
        }
    }

    private static func receive(
        over socket: consuming Descriptor, from process: borrowing SpawnedProcess
    ) throws(SystemError) -> PassedMessage {
        do throws(SystemError) {
            try socket.setNonBlocking(false)
            let socket = BlockingSocket(socket)
            try socket.setTimeout(patience)
            return try DescriptorPassing.receive(
                maximumByteCount: Int(OVN_BRIDGE_REPLY_BYTE_COUNT), over: socket.descriptor.raw)
        } catch {
            try process.send(signal: SIGKILL)
            _ = try process.wait()
            throw error
        }
    }
}
