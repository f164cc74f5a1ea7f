// Start's parameters are lent for the completion, and stay whoever retains them.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client client = start(describe(VMNET_SHARED_MODE));
    xpc_object_t kept = xpc_retain(client.parameters);
    xpc_object_t value = xpc_retain(xpc_dictionary_get_value(kept, vmnet_mac_address_key));
    stop(&client);
    EXPECT(strcmp(xpc_dictionary_get_string(kept, vmnet_start_address_key), GATEWAY) == 0);
    xpc_release(kept);
    EXPECT_EQUAL(strlen(xpc_string_get_string_ptr(value)), strlen("00:00:00:00:00:00"));
    xpc_release(value);
}
