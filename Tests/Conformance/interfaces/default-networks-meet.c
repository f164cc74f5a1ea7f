// Interfaces that name no addresses are on their mode's one network, which has addresses that are free on this host.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client shared[] = {start(describe_mode(VMNET_SHARED_MODE)), start(describe_mode(VMNET_SHARED_MODE))};
    struct client host = start(describe_mode(VMNET_HOST_MODE));
    const char *gateway = xpc_dictionary_get_string(shared[0].parameters, vmnet_start_address_key);
    EXPECT(strcmp(gateway, xpc_dictionary_get_string(shared[1].parameters, vmnet_start_address_key)) == 0);
    EXPECT(strcmp(gateway, xpc_dictionary_get_string(host.parameters, vmnet_start_address_key)) != 0);
    announce(&shared[0]);
    expect_numbered(&shared[1], 0);
    // The other mode's network is another one.
    usleep(20000);
    EXPECT_EQUAL(drain(&host), 0);
    for (int index = 0; index < 2; index++) stop(&shared[index]);
    stop(&host);
}
