// The interfaces that bridged mode can use are an array of names, which is empty where there are none, never NULL: QEMU
// does not look. Prints the names.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    xpc_object_t list = vmnet_copy_shared_interface_list();
    EXPECT(list != NULL);
    EXPECT(xpc_get_type(list) == XPC_TYPE_ARRAY);
    xpc_array_apply(list, ^bool(size_t index, xpc_object_t value) {
        EXPECT(xpc_get_type(value) == XPC_TYPE_STRING);
        EXPECT(strcmp(xpc_string_get_string_ptr(value), xpc_array_get_string(list, index)) == 0);
        printf("%s\n", xpc_array_get_string(list, index));
        return true;
    });
    xpc_release(list);
}
