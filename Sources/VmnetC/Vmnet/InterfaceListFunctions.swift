// swift-format-ignore-file: AlwaysUseLowerCamelCase

package import CVmnet
import OpenVmnet
import VmnetSystem

// <vmnet/vmnet.h>: the host's interfaces.

@c @implementation
package func vmnet_copy_shared_interface_list() -> xpc_object_t? {
    var names: [XPCObject] = []
    do throws(SystemError) {
        names = try HostInterface.all().filter { $0.obstacle == nil }.map { .string($0.name) }
    } catch {
        Log.note(VmnetError(error), in: "vmnet_copy_shared_interface_list")
    }
    return unsafe XPCObject(.array(names)).owned
}
