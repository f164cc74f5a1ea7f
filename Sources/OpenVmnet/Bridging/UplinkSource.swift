package import VmnetSystem

/// Where a bridged network gets its packet socket from: at the start, and again whenever its interface has come back.
package struct UplinkSource: Sendable {
    /// Called with the configuration's name of the interface, without the network's lock; it may take as long as it takes to start a process.
    package let open: @Sendable (_ interface: String) throws(SystemError) -> PacketSocket

    package init(_ open: @escaping @Sendable (_ interface: String) throws(SystemError) -> PacketSocket) {
        self.open = open
    }

    /// Opens it in this process, which needs CAP_NET_RAW.
    package static let direct = UplinkSource { name throws(SystemError) in try PacketSocket(bindingTo: name) }
}
