// As ukvm (Solo5) does it: a callback that takes itself away wakes the machine, which reads one packet and sets the
// callback again, while more packets wait.
#include "../Support/client.h"

static dispatch_semaphore_t wake;

static void arm(struct client *client) {
    interface_ref interface = client->interface;
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, client->queue, ^(interface_event_t event, xpc_object_t more) {
                (void)event, (void)more;
                vmnet_interface_set_event_callback(interface, PACKETS, NULL, NULL);
                dispatch_semaphore_signal(wake);
            }), VMNET_SUCCESS);
}

int main(void) {
    alarm(3 * PATIENCE);
    wake = dispatch_semaphore_create(0);
    struct client client = start(describe(VMNET_HOST_MODE));
    struct client sender = start(describe(VMNET_HOST_MODE));
    announce(&client);
    drain(&client);
    uint32_t sent = 0;
    for (uint32_t next = 1; next <= 500;) {
        // Sometimes one packet waits, sometimes many.
        if (sent < next) {
            uint32_t count = 1 + next % 40;
            send_numbered(&sender, client.mac, sent + 1, count, SHORTEST_FRAME);
            sent += count;
        }
        arm(&client);
        EXPECT_EQUAL(dispatch_semaphore_wait(wake, dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC)), 0);
        uint8_t frame[LONGEST_FRAME];
        size_t size = read_packet(client.interface, frame, sizeof frame);
        EXPECT(size > 0);
        if (has_type(frame, size, EXPERIMENT)) EXPECT(is_numbered_frame(frame, size, next++));
    }
    stop(&client);
    stop(&sender);
    dispatch_release(wake);
}
