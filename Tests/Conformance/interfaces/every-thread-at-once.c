// Every function may be called on any thread, while others call the same one for the same interface.
#include "../Support/client.h"

enum { WRITERS = 3, READERS = 3, FRAMES = 3000 };

static atomic_int written, received, events;

int main(void) {
    alarm(6 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    dispatch_queue_t queue = dispatch_queue_create("conformance.threads", DISPATCH_QUEUE_CONCURRENT);
    dispatch_group_t group = dispatch_group_create();
    struct client *from = &sender, *to = &receiver;
    for (int writer = 0; writer < WRITERS; writer++) {
        dispatch_group_async(group, queue, ^{
            for (int index = 0; index < FRAMES; index++) {
                send_numbered(from, to->mac, 1, 1, 100);
                written++;
                // The queue is bounded: nobody here is to be faster than the readers for long.
                while (written - received > 100) usleep(100);
            }
        });
    }
    for (int reader = 0; reader < READERS; reader++) {
        dispatch_group_async(group, queue, ^{
            while (received < WRITERS * FRAMES) {
                uint8_t frame[LONGEST_FRAME];
                size_t size = read_packet(to->interface, frame, sizeof frame);
                if (size == 0) usleep(100);
                if (!has_type(frame, size, EXPERIMENT)) continue;
                EXPECT(is_numbered_frame(frame, size, 1));
                received++;
            }
        });
    }
    dispatch_group_async(group, queue, ^{
        while (received < WRITERS * FRAMES) {
            EXPECT_EQUAL(
                vmnet_interface_set_event_callback(
                    to->interface, PACKETS, queue, ^(interface_event_t event, xpc_object_t more) {
                        (void)event;
                        EXPECT(xpc_dictionary_get_uint64(more, vmnet_estimated_packets_available_key) >= 1);
                        events++;
                    }), VMNET_SUCCESS);
            usleep(500);
            EXPECT_EQUAL(
                vmnet_interface_set_event_callback(to->interface, PACKETS, NULL, NULL),
                VMNET_SUCCESS);
        }
    });
    EXPECT_EQUAL(dispatch_group_wait(group, dispatch_time(DISPATCH_TIME_NOW, 5 * PATIENCE * NSEC_PER_SEC)), 0);
    dispatch_release(group);
    dispatch_release(queue);
    stop(&receiver);
    stop(&sender);
}
