import OpenVmnet
import SystemPackage
import VmnetSystem

extension UplinkSource {
    /// As the command line opens the interface of a bridged network: in this process where it may, which is so for root,
    /// with CAP_NET_RAW and in a user namespace, else by openvmnet-bridge-helper. `fd:NUMBER` is a packet socket that this
    /// process inherited.
    static let commandLine = UplinkSource { request throws(SystemError) in
        if let passed = PassedPacketSocket(request) { return try passed.open() }
        do throws(SystemError) {
            return try PacketSocket(bindingTo: request)
        } catch {
            guard error.errno == .notPermitted else { throw error }
            return try PacketSocket(adopting: try InstalledHelper.find(toBridge: request).open(request))
        }
    }
}

/// A packet socket that somebody else has opened and bound, and passed to this process: `fd:3`. No interface can be called
/// so.
struct PassedPacketSocket: Equatable {
    private let number: Int32

    /// nil for what names an interface.
    init?(_ text: String) {
        guard text.hasPrefix("fd:"), let number = Int32(text.dropFirst(3)), number >= 0 else { return nil }
        self.number = number
    }

    /// A duplicate, so that it can be asked for again when the interface has come back; its socket is then bound to none,
    /// which is what the error says.
    func open() throws(SystemError) -> PacketSocket {
        do throws(SystemError) {
            let duplicate = try Descriptor.duplicate(number)
            try Descriptor.closeOnExec(number)
            return try PacketSocket(adopting: duplicate)
        } catch {
            throw SystemError("bridge through the descriptor \(number)", error.errno, remedy: error.remedy)
        }
    }
}
