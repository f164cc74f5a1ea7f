public import VmnetWire

/// What identifies a guest's interface as vmnet does, by a UUID: the same one whenever and wherever a guest of that MAC
/// address attaches.
///
/// ```
/// 6f766d6e-6574-8000-8000-525400123456
/// 'o v m n  e t'               MAC
/// ```
///
/// A UUID of version 8 (RFC 9562, 5.8): made by a rule of one's own.
public struct InterfaceID: Hashable, Sendable, CustomStringConvertible {
    /// The interface's hardware address.
    public let macAddress: MACAddress

    /// The identifier of that address' interface.
    public init(_ macAddress: MACAddress) {
        self.macAddress = macAddress
    }

    /// Lower case, with hyphens.
    public var description: String {
        let address = String(macAddress.bits, radix: 16)
        return "6f766d6e-6574-8000-8000-" + String(repeating: "0", count: 12 - address.count) + address
    }
}
