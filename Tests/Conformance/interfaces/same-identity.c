// An interface with the same id has the same MAC address, and one without is told an id that it can come back with.
#include "../Support/client.h"

static xpc_object_t describe_identity(const uint8_t *id) {
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    xpc_dictionary_set_uuid(description, vmnet_interface_id_key, id);
    return description;
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client client = start(describe(VMNET_SHARED_MODE));
    uint8_t mac[6], id[16];
    memcpy(mac, client.mac, 6);
    memcpy(id, xpc_dictionary_get_uuid(client.parameters, vmnet_interface_id_key), 16);
    // Locally administered, for one station (IEEE 802).
    EXPECT_EQUAL(mac[0] & 3, 2);
    stop(&client);
    for (int round = 0; round < 3; round++) {
        client = start(describe_identity(id));
        EXPECT(memcmp(xpc_dictionary_get_uuid(client.parameters, vmnet_interface_id_key), id, 16) == 0);
        EXPECT(memcmp(client.mac, mac, 6) == 0);
        stop(&client);
    }
    id[0] ^= 1;
    client = start(describe_identity(id));
    EXPECT(memcmp(client.mac, mac, 6) != 0);
    stop(&client);

    // Who wants no address from vmnet gets none.
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    xpc_dictionary_set_bool(description, vmnet_allocate_mac_address_key, false);
    client = start(description);
    EXPECT(xpc_dictionary_get_value(client.parameters, vmnet_mac_address_key) == NULL);
    stop(&client);
}
