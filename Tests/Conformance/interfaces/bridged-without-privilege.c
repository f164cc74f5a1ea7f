// Bridged mode is refused to those who may not, with the status that macOS has for it: bridged-without-privilege IFNAME
#include "../Support/client.h"

int main(int count, char **words) {
    alarm(3 * PATIENCE);
    EXPECT_EQUAL(count, 2);
    xpc_object_t description = describe_mode(VMNET_BRIDGED_MODE);
    xpc_dictionary_set_string(description, vmnet_shared_interface_name_key, words[1]);
    struct client client = try_start(description);
    EXPECT(client.status == VMNET_INVALID_ACCESS || client.status == VMNET_NOT_AUTHORIZED);
    stop(&client);
}
