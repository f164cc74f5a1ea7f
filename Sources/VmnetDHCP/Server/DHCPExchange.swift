import VmnetWire

/// A message with what the server needs to know about it.
struct DHCPExchange {
    let message: DHCPMessage
    let origin: DHCPOrigin
    let now: LeaseTime
    let client: LeaseClient

    /// - Parameter ignoresIdentifier: whether the hardware address alone says who the client is.
    init(message: DHCPMessage, origin: DHCPOrigin, now: LeaseTime, ignoresIdentifier: Bool) {
        self.message = message
        self.origin = origin
        self.now = now
        client = LeaseClient(
            hardwareAddress: message.hardwareAddress,
            identifier: ignoresIdentifier ? nil : message.options[.clientIdentifier])
    }

    var isRelayed: Bool { message.relayAddress != .any }
}
