// Interfaces with other addresses, or another private network's identifier, are on another network.
#include "../Support/client.h"

static xpc_object_t describe_other(void) {
    xpc_object_t description = describe_mode(VMNET_SHARED_MODE);
    xpc_dictionary_set_string(description, vmnet_start_address_key, "192.168.106.1");
    xpc_dictionary_set_string(description, vmnet_end_address_key, "192.168.106.20");
    xpc_dictionary_set_string(description, vmnet_subnet_mask_key, MASK);
    return description;
}

static xpc_object_t describe_private(uint8_t number) {
    xpc_object_t description = describe_mode(VMNET_HOST_MODE);
    const uuid_t identifier = {0x3c, 0x1f, number};
    xpc_dictionary_set_uuid(description, vmnet_network_identifier_key, identifier);
    return description;
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client clients[] = {
        start(describe(VMNET_SHARED_MODE)),
        start(describe_other()),
        start(describe_private(1)),
        start(describe_private(2)),
    };
    struct client companion = start(describe_private(1));
    announce(&companion);
    expect_numbered(&clients[2], 0);
    announce(&clients[0]);
    usleep(20000);
    for (int index = 1; index < 4; index++) EXPECT_EQUAL(drain(&clients[index]), 0);
    stop(&companion);
    for (int index = 0; index < 4; index++) stop(&clients[index]);
}
