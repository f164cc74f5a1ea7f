// Addresses that another network or this host uses are refused with their own status: contention GATEWAY END
#include "../Support/client.h"

int main(int count, char **words) {
    alarm(3 * PATIENCE);
    EXPECT_EQUAL(count, 3);
    xpc_object_t description = describe_mode(VMNET_SHARED_MODE);
    xpc_dictionary_set_string(description, vmnet_start_address_key, words[1]);
    xpc_dictionary_set_string(description, vmnet_end_address_key, words[2]);
    xpc_dictionary_set_string(description, vmnet_subnet_mask_key, MASK);
    struct client client = try_start(description);
    EXPECT_EQUAL(client.status, VMNET_SHARING_SERVICE_BUSY);
    stop(&client);
}
