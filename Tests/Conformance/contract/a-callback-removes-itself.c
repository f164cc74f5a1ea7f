// A callback may remove itself, and one that is set while packets wait is called: ukvm does both for every packet.
#include "../Support/client.h"

enum { COUNT = 100 };

static atomic_int events;

static void enable(struct client *client) {
    interface_ref interface = client->interface;
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, client->queue, ^(interface_event_t event, xpc_object_t more) {
                (void)event, (void)more;
                EXPECT_EQUAL(
                    vmnet_interface_set_event_callback(interface, PACKETS, NULL, NULL),
                    VMNET_SUCCESS);
                events++;
            }), VMNET_SUCCESS);
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    send_numbered(&sender, receiver.mac, 1, COUNT, SHORTEST_FRAME);
    for (int number = 1; number <= COUNT; number++) {
        enable(&receiver);
        EVENTUALLY(events == number);
        expect_numbered(&receiver, (uint32_t)number);
    }
    // No callback, no event.
    send_numbered(&sender, receiver.mac, COUNT + 1, 1, SHORTEST_FRAME);
    usleep(50000);
    EXPECT_EQUAL(events, COUNT);
    stop(&receiver);
    stop(&sender);
}
