import OpenVmnet
import VmnetSystem

/// What cannot work on a bridged network, said before somebody looks for it: guests and this host are neighbours on the
/// link, but the kernel hands frames between the interface and the wire, never from one program on it to the other.
enum BridgeNotice {
    static func report(on network: Network) {
        guard let interface = network.interfaceName else { return }
        if let caution = try? UplinkInterface.named(interface).caution { Failure.report("\(interface) \(caution)") }
        Failure.report(
            "guests and this host do not reach each other over \(interface): what they send goes out on its wire",
            hint: "a second interface for the guest, on a network of mode 'host', leads to this host")
    }
}
