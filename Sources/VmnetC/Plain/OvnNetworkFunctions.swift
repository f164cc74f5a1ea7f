// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import Glibc
import OpenVmnet

// <openvmnet.h>: networks.
//
// Safety, for these functions: pointers are what the header says they are.

@c @implementation
package func ovn_network_start(
    _ netdev: UnsafePointer<CChar>?, _ extra: UnsafePointer<ovn_network_options>?
) -> OpaquePointer? {
    unsafe reference { () throws(VmnetError) in
        var given = NetworkOptions()
        try given.add(netdev: unsafe text(netdev, "netdev"))
        let options = try unsafe options(extra, \.size, else: ovn_network_options())
        let flags = unsafe options.flags
        var configuration = try NetworkConfiguration(
            options: given, name: unsafe options.name.map { unsafe String(cString: $0) },
            allowsHostLoopback: flags & OVN_NETWORK_NO_HOST_LOOPBACK.rawValue == 0,
            locksLeases: flags & OVN_NETWORK_LOCK_LEASES.rawValue != 0,
            allowsUsedSubnet: flags & OVN_NETWORK_FORCE.rawValue != 0)
        configuration.requiresOwnSubnet = !configuration.allowsUsedSubnet
        let directory = unsafe options.state_directory.map { unsafe String(cString: $0) }
        return unsafe try SharedNetwork(configuration, stateDirectory: directory).owned
    }
}

@c @implementation
package func ovn_network_join(_ name: UnsafePointer<CChar>?) -> OpaquePointer? {
    unsafe reference { () throws(VmnetError) in
        unsafe try SharedNetwork(joining: text(name, "name")).owned
    }
}

@c @implementation
package func ovn_network_join_serialization(_ serialization: UnsafePointer<CChar>?) -> OpaquePointer? {
    unsafe reference { () throws(VmnetError) in
        unsafe try SharedNetwork(serialization: text(serialization, "serialization")).owned
    }
}

@c @implementation
package func ovn_network_copy_serialization(_ network: OpaquePointer?) -> UnsafeMutablePointer<CChar>? {
    do throws(VmnetError) {
        guard let network = unsafe SharedNetwork.lent(network) else { throw .null("network") }
        return unsafe strdup(try network.serialization())
    } catch {
        error.publish()
        return nil
    }
}

@c @implementation
package func ovn_network_free(_ network: OpaquePointer?) {
    // Safety: the caller gives back the reference that it was given.
    if let network = unsafe network { unsafe Unmanaged<SharedNetwork>.fromOpaque(UnsafeRawPointer(network)).release() }
}
