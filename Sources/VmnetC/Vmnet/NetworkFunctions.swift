// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import OpenVmnet
import VmnetSystem
import VmnetWire

// <vmnet/vmnet.h>: networks as objects.
//
// Safety, for these functions: pointers are what the header says they are.

@c @implementation
package func vmnet_network_create(
    _ config: vmnet_network_configuration_ref?, _ status: UnsafeMutablePointer<vmnet_return_t>?
) -> vmnet_network_ref? {
    unsafe reference(status, "vmnet_network_create") { () throws(VmnetError) in
        guard let plan = unsafe NetworkPlan.lent(config) else { throw .missing("configuration") }
        return unsafe try plan.makeNetwork().owned
    }
}

@c @implementation
package func vmnet_network_get_ipv4_subnet(
    _ network: vmnet_network_ref?, _ subnet_addr: UnsafeMutablePointer<in_addr>?,
    _ subnet_mask: UnsafeMutablePointer<in_addr>?
) {
    let subnet = unsafe SharedNetwork.lent(network)?.subnet
    unsafe subnet_addr?.pointee = in_addr(s_addr: subnet?.network.bits.bigEndian ?? 0)
    unsafe subnet_mask?.pointee = in_addr(s_addr: subnet?.mask.bits.bigEndian ?? 0)
}

@c @implementation
package func vmnet_network_get_ipv6_prefix(
    _ network: vmnet_network_ref?, _ prefix: UnsafeMutablePointer<in6_addr>?,
    _ prefix_len: UnsafeMutablePointer<UInt8>?
) {
    let address = unsafe SharedNetwork.lent(network)?.nat66Prefix
    unsafe prefix?.pointee = in6_addr(address ?? .any)
    unsafe prefix_len?.pointee = address == nil ? 0 : 64
}

@c @implementation
package func vmnet_network_copy_serialization(
    _ network: vmnet_network_ref?, _ status: UnsafeMutablePointer<vmnet_return_t>?
) -> xpc_object_t? {
    let object = unsafe reference(status, "vmnet_network_copy_serialization") { () throws(VmnetError) in
        guard let network = unsafe SharedNetwork.lent(network) else { throw .missing("network") }
        let dictionary = XPCObject.dictionary()
        // Safety: the key lives as long as the program.
        unsafe dictionary.set(serializationKey.string, .string(try network.serialization()))
        return unsafe OpaquePointer(dictionary.owned)
    }
    return unsafe object.map { unsafe xpc_object_t($0) }
}

@c @implementation
package func vmnet_network_create_with_serialization(
    _ serialization: xpc_object_t?, _ status: UnsafeMutablePointer<vmnet_return_t>?
) -> vmnet_network_ref? {
    unsafe reference(status, "vmnet_network_create_with_serialization") { () throws(VmnetError) in
        // Safety: the key lives as long as the program.
        guard let text = unsafe XPCObject.lent(serialization)?.value(for: serializationKey.string)?.text else {
            throw VmnetError(
                .invalidArgument, "that is no serialization of a network",
                hint: "pass what vmnet_network_copy_serialization gave")
        }
        return unsafe try SharedNetwork(serialization: text).owned
    }
}

/// The one key of a serialization.
private let serializationKey = XPCBytes.text("vmnet_network_serialization")

extension VmnetError {
    static func missing(_ name: String) -> VmnetError {
        VmnetError(.invalidArgument, "the \(name) is NULL", hint: "look at the status of the call that made it")
    }
}

/// Runs `body`, and tells the program what became of it by the status, which may be NULL.
func reference(
    _ status: UnsafeMutablePointer<vmnet_return_t>?, _ function: String, _ body: () throws(VmnetError) -> OpaquePointer
) -> OpaquePointer? {
    var outcome = VmnetStatus.success
    // Safety: the program lends room for the status.
    defer { unsafe status?.pointee = outcome.rawValue }
    do throws(VmnetError) {
        return unsafe try body()
    } catch {
        Log.note(error, in: function)
        outcome = error.status
        return nil
    }
}

extension in6_addr {
    /// In network order.
    init(_ address: IPv6Address) {
        self.init()
        var halves = (address.high.bigEndian, address.low.bigEndian)
        // Safety: both have sixteen bytes.
        unsafe withUnsafeBytes(of: &halves) { halves in
            unsafe withUnsafeMutableBytes(of: &self) { unsafe $0.copyMemory(from: halves) }
        }
    }
}
