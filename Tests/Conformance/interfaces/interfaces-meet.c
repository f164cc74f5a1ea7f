// Interfaces of one process in the same mode with the same addresses are on one network, and exchange packets of any
// kind.
#include "../Support/client.h"

static void expect_exchange(struct client *one, struct client *other) {
    announce(one);
    expect_numbered(other, 0);
    announce(other);
    expect_numbered(one, 0);
    send_numbered(one, other->mac, 1, 1, LONGEST_FRAME);
    expect_numbered(other, 1);
    send_numbered(other, one->mac, 2, 1, 18);
    expect_numbered(one, 2);
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client clients[] = {start(describe(VMNET_SHARED_MODE)), start(describe(VMNET_SHARED_MODE))};
    EXPECT(memcmp(clients[0].mac, clients[1].mac, 6) != 0);
    expect_exchange(&clients[0], &clients[1]);
    // The first one is not what keeps the network.
    stop(&clients[0]);
    clients[0] = start(describe(VMNET_SHARED_MODE));
    expect_exchange(&clients[1], &clients[0]);
    for (int index = 0; index < 2; index++) {
        expect_gateway(&clients[index], "192.168.105.15", GATEWAY);
        stop(&clients[index]);
    }
}
