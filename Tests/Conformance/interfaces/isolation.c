// An isolated interface reaches the gateway and no other interface, isolated or not, and none reaches it.
#include "../Support/client.h"

static struct client start_isolated(void) {
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    xpc_dictionary_set_bool(description, vmnet_enable_isolation_key, true);
    return start(description);
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client isolated[] = {start_isolated(), start_isolated()};
    struct client open = start(describe(VMNET_SHARED_MODE));
    struct client *all[] = {&isolated[0], &isolated[1], &open};
    for (int index = 0; index < 3; index++) {
        const char *own[] = {"192.168.105.11", "192.168.105.12", "192.168.105.13"};
        expect_gateway(all[index], own[index], GATEWAY);
    }
    for (int from = 0; from < 3; from++) {
        announce(all[from]);
        for (int to = 0; to < 3; to++) send_numbered(all[from], all[to]->mac, 1, 1, SHORTEST_FRAME);
    }
    usleep(20000);
    for (int index = 0; index < 3; index++) EXPECT_EQUAL(drain(all[index]), 0);
    for (int index = 0; index < 3; index++) stop(all[index]);
}
