// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import Glibc
import OpenVmnet
import Synchronization
import VmnetWire

// The Swift side of interface.c: port forwarding.
//
// Safety, for these functions: pointers are what seam.h and vmnet.h say they are, and callbacks are handed over.

@c @implementation
package func ovn_vmnet_add_forward(
    _ interface: interface_ref?, _ protocolNumber: UInt8, _ external_port: UInt16, _ address_family: UInt8,
    _ internal_address: UnsafeRawPointer?, _ internal_port: UInt16, _ handler: OpaquePointer?
) -> vmnet_return_t {
    let handler = unsafe handler.map { unsafe Callback(owning: $0) }
    guard let interface = unsafe VmnetInterface.lent(interface), let address = unsafe internal_address else {
        return VmnetStatus.invalidArgument.rawValue
    }
    return status(of: "vmnet_interface_add_ip_port_forwarding_rule") { () throws(VmnetError) in
        try checkFamily(Int32(address_family))
        let rule = try ForwardingRule(
            protocolNumber: protocolNumber, externalPort: external_port,
            internalAddress: unsafe IPv4Address(reading: address), internalPort: internal_port)
        let attachment = try interface.running()
        interface.tell(handler, outcomeOf: "vmnet_interface_add_ip_port_forwarding_rule") { () throws(VmnetError) in
            try attachment.add(rule)
        }
    }
}

@c @implementation
package func ovn_vmnet_remove_forward(
    _ interface: interface_ref?, _ protocolNumber: UInt8, _ external_port: UInt16, _ address_family: UInt8,
    _ handler: OpaquePointer?
) -> vmnet_return_t {
    let handler = unsafe handler.map { unsafe Callback(owning: $0) }
    guard let interface = unsafe VmnetInterface.lent(interface) else { return VmnetStatus.invalidArgument.rawValue }
    return status(of: "vmnet_interface_remove_ip_port_forwarding_rule") { () throws(VmnetError) in
        try checkFamily(Int32(address_family))
        try ForwardingRule.check(protocolNumber: protocolNumber, externalPort: external_port)
        let attachment = try interface.running()
        interface.tell(handler, outcomeOf: "vmnet_interface_remove_ip_port_forwarding_rule") { () throws(VmnetError) in
            try attachment.removeRule(protocolNumber: protocolNumber, externalPort: external_port)
        }
    }
}

@c @implementation
package func ovn_vmnet_get_forwards(
    _ interface: interface_ref?, _ address_family: UInt8, _ handler: OpaquePointer?
) -> vmnet_return_t {
    guard let handler = unsafe handler else { return VmnetStatus.invalidArgument.rawValue }
    let callback = unsafe Callback(owning: handler)
    guard let interface = unsafe VmnetInterface.lent(interface) else { return VmnetStatus.invalidArgument.rawValue }
    return status(of: "vmnet_interface_get_ip_port_forwarding_rules") { () throws(VmnetError) in
        let rules = try interface.running().network.rules.withLock { $0 }
        let isIPv4 = Int32(address_family) == AF_INET
        let array = XPCObject(.array(isIPv4 ? rules.map(\.object) : []))
        interface.schedule(callback) { $0.callRules(array) }
    }
}

@c @implementation
package func vmnet_ip_port_forwarding_rule_get_details(
    _ rule: xpc_object_t?, _ protocolNumber: UnsafeMutablePointer<UInt8>?,
    _ external_port: UnsafeMutablePointer<UInt16>?, _ address_family: UInt8,
    _ internal_address: UnsafeMutableRawPointer?, _ internal_port: UnsafeMutablePointer<UInt16>?
) -> vmnet_return_t {
    guard Int32(address_family) == AF_INET, let object = unsafe XPCObject.lent(rule),
        let rule = ForwardingRule(object)
    else { return VmnetStatus.invalidArgument.rawValue }
    unsafe protocolNumber?.pointee = rule.protocolNumber
    unsafe external_port?.pointee = rule.externalPort
    unsafe internal_address?.storeBytes(of: rule.internalAddress.bits.bigEndian, as: UInt32.self)
    unsafe internal_port?.pointee = rule.internalPort
    return VmnetStatus.success.rawValue
}

@c @implementation
package func vmnet_port_forwarding_rule_get_details(
    _ rule: xpc_object_t?, _ protocolNumber: UnsafeMutablePointer<UInt8>?,
    _ external_port: UnsafeMutablePointer<UInt16>?, _ internal_address: UnsafeMutablePointer<in_addr>?,
    _ internal_port: UnsafeMutablePointer<UInt16>?
) -> vmnet_return_t {
    unsafe vmnet_ip_port_forwarding_rule_get_details(
        rule, protocolNumber, external_port, UInt8(AF_INET), internal_address, internal_port)
}

/// Guests are reached by IPv4 only.
func checkFamily(_ family: Int32) throws(VmnetError) {
    guard family == AF_INET else {
        throw VmnetError(
            .invalidArgument, "address family \(family) cannot be forwarded to",
            hint: "use AF_INET (\(AF_INET)) and the guest's IPv4 address")
    }
}

extension IPv4Address {
    /// Reads a `struct in_addr`.
    init(reading address: UnsafeRawPointer) {
        // Safety: whoever names AF_INET passes four bytes.
        self.init(bits: unsafe UInt32(bigEndian: address.loadUnaligned(as: UInt32.self)))
    }
}

extension VmnetInterface {
    /// Does what a handler is told the outcome of, and has the handler told; nil = there is none.
    fileprivate func tell(
        _ handler: Callback?, outcomeOf function: String, _ body: () throws(VmnetError) -> Void
    ) {
        let outcome: VmnetStatus
        do throws(VmnetError) {
            try body()
            outcome = .success
        } catch {
            Log.note(error, in: function)
            outcome = error.status
        }
        if let handler { schedule(handler) { $0.callCompletion(outcome) } }
    }
}

extension NetworkAttachment {
    /// Opens the rule's port.
    func add(_ rule: ForwardingRule) throws(VmnetError) {
        _ = try interface.addForward(rule.forward())
        network.rules.withLock { $0.append(rule) }
    }

    /// Closes a rule's port.
    fileprivate func removeRule(protocolNumber: UInt8, externalPort: UInt16) throws(VmnetError) {
        let rule = network.rules.withLock { rules -> ForwardingRule? in
            let index = rules.firstIndex { $0.has(protocolNumber: protocolNumber, externalPort: externalPort) }
            return index.map { rules.remove(at: $0) }
        }
        guard let rule else {
            throw VmnetError(
                .invalidArgument, "port \(externalPort) of protocol \(protocolNumber) has no forwarding rule",
                hint: "a rule is removed by the external port that it was added with")
        }
        try interface.removeForward(rule.forward())
    }
}
