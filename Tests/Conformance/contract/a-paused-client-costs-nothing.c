// A client that does not read, as a paused machine does not, costs no processor time, and has its packets afterwards:
// vmnet's best-known bug is that it calls such a client in a loop.
#include "../Support/client.h"

enum { COUNT = 100 };

static atomic_int events;

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    vmnet_interface_event_callback_t count_event = ^(interface_event_t event, xpc_object_t more) {
        (void)event, (void)more;
        events++;
    };
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            receiver.interface, PACKETS, receiver.queue, count_event), VMNET_SUCCESS);
    send_numbered(&sender, receiver.mac, 1, COUNT, SHORTEST_FRAME);
    EVENTUALLY(events > 0);
    int before = events;
    double used = processor_seconds();
    sleep(2);
    // Reminders come, a few a second.
    EXPECT(events - before >= 1);
    EXPECT(events - before <= 50);
    EXPECT(processor_seconds() - used < 0.2);
    for (uint32_t number = 1; number <= COUNT; number++) expect_numbered(&receiver, number);
    // And the next packet is announced like the first.
    before = events;
    send_numbered(&sender, receiver.mac, COUNT + 1, 1, SHORTEST_FRAME);
    EVENTUALLY(events > before);
    expect_numbered(&receiver, COUNT + 1);
    stop(&receiver);
    stop(&sender);
}
