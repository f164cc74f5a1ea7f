// The largest packet is 1514 octets unless TSO is asked for, whatever else is: clients have buffers of 1536.
#include "../Support/client.h"

static void expect_size(const char *key, uint64_t least, uint64_t most) {
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    if (key) xpc_dictionary_set_bool(description, key, true);
    struct client client = start(description);
    EXPECT(client.max_packet_size >= least);
    EXPECT(client.max_packet_size <= most);
    EXPECT_EQUAL(xpc_dictionary_get_uint64(client.parameters, vmnet_mtu_key), 1500);
    stop(&client);
}

int main(void) {
    alarm(3 * PATIENCE);
    expect_size(NULL, 1514, 1514);
    expect_size(vmnet_enable_isolation_key, 1514, 1514);
    expect_size(vmnet_enable_checksum_offload_key, 1514, 1514);
    expect_size(vmnet_enable_virtio_header_key, 1514, 1526);
    expect_size(vmnet_enable_tso_key, 65000, 65562);

    xpc_object_t description = describe(VMNET_SHARED_MODE);
    xpc_dictionary_set_uint64(description, vmnet_mtu_key, 1400);
    struct client client = start(description);
    EXPECT_EQUAL(xpc_dictionary_get_uint64(client.parameters, vmnet_mtu_key), 1400);
    EXPECT_EQUAL(client.max_packet_size, 1414);
    stop(&client);
}
