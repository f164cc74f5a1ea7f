// A compiler without blocks gets vmnet's header without the functions that take them.
#include <vmnet/vmnet.h>

int main(void) {
    xpc_object_t list = vmnet_copy_shared_interface_list();
    size_t count = xpc_array_get_count(list);
    xpc_release(list);
    return count > 1000;
}
