// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import OpenVmnet

// The Swift side of interface.c, where blocks are wrapped: starts, events and stops.
//
// Safety, for these functions: pointers are what seam.h says they are, and callbacks are handed over.

@c @implementation
package func ovn_vmnet_start(
    _ network: vmnet_network_ref?, _ interface_desc: xpc_object_t?, _ completion: OpaquePointer?
) -> interface_ref? {
    guard let completion = unsafe completion else { return nil }
    let callback = unsafe Callback(owning: completion)
    guard let dictionary = unsafe XPCObject.lent(interface_desc) else { return nil }
    do throws(VmnetError) {
        let description = InterfaceDescription(dictionary)
        let attachment =
            if let network = unsafe SharedNetwork.lent(network) {
                try NetworkAttachment(description, to: network)
            } else {
                try NetworkAttachment(description)
            }
        let interface = VmnetInterface(
            attachment, status: .success, parameters: attachment.parameters(description), completion: callback)
        return unsafe interface.owned
    } catch {
        Log.note(error, in: unsafe network == nil ? "vmnet_start_interface" : "vmnet_interface_start_with_network")
        return unsafe VmnetInterface(nil, status: error.status, parameters: nil, completion: callback).owned
    }
}

@c @implementation
package func ovn_vmnet_set_event_callback(
    _ interface: interface_ref?, _ event_mask: interface_event_t, _ callback: OpaquePointer?
) -> vmnet_return_t {
    let callback = unsafe callback.map { unsafe Callback(owning: $0) }
    let isMeant = callback == nil || event_mask & interface_event_t(VMNET_INTERFACE_PACKETS_AVAILABLE) != 0
    guard let interface = unsafe VmnetInterface.lent(interface), isMeant else {
        return VmnetStatus.invalidArgument.rawValue
    }
    return status(of: "vmnet_interface_set_event_callback") { () throws(VmnetError) in
        try interface.setEventCallback(callback)
    }
}

@c @implementation
package func ovn_vmnet_stop(_ interface: interface_ref?, _ completion: OpaquePointer?) -> vmnet_return_t {
    guard let completion = unsafe completion else { return VmnetStatus.invalidArgument.rawValue }
    let callback = unsafe Callback(owning: completion)
    guard let interface = unsafe VmnetInterface.lent(interface) else { return VmnetStatus.invalidArgument.rawValue }
    return status(of: "vmnet_stop_interface") { () throws(VmnetError) in try interface.stop(callback) }
}

@c @implementation
package func ovn_vmnet_start_callback(_ interface: interface_ref?) -> OpaquePointer? {
    unsafe VmnetInterface.lent(interface)?.startCallback.raw
}

/// Runs `body`, and says what became of it: to the program by the status, to people by the log.
func status(of function: String, _ body: () throws(VmnetError) -> Void) -> vmnet_return_t {
    do throws(VmnetError) {
        try body()
        return VmnetStatus.success.rawValue
    } catch {
        Log.note(error, in: function)
        return error.status.rawValue
    }
}
