// DHCP gives a guest an address between the gateway and the last one, and the same one again to the same interface. In
// a private network nobody answers.
#include "../Support/dhcp.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client client = start(describe(VMNET_SHARED_MODE));
    struct in_addr first = obtain_lease(&client);
    EXPECT(ntohl(first.s_addr) > ntohl(address(GATEWAY).s_addr));
    EXPECT(ntohl(first.s_addr) <= ntohl(address(LAST_ADDRESS).s_addr));
    uint8_t id[16];
    memcpy(id, xpc_dictionary_get_uuid(client.parameters, vmnet_interface_id_key), 16);
    struct client other = start(describe(VMNET_SHARED_MODE));
    EXPECT(obtain_lease(&other).s_addr != first.s_addr);
    stop(&client);
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    xpc_dictionary_set_uuid(description, vmnet_interface_id_key, id);
    client = start(description);
    EXPECT(obtain_lease(&client).s_addr == first.s_addr);
    stop(&client);
    stop(&other);

    description = describe_mode(VMNET_HOST_MODE);
    const uuid_t identifier = {0x3c};
    xpc_dictionary_set_uuid(description, vmnet_network_identifier_key, identifier);
    client = start(description);
    send_discover(&client);
    usleep(50000);
    uint8_t frame[LONGEST_FRAME];
    EXPECT_EQUAL(read_packet(client.interface, frame, sizeof frame), 0);
    stop(&client);
}
