// After stop no event reaches the client, not even one that waits in its queue already.
#include "../Support/client.h"

static atomic_bool stopped;
static atomic_int events;

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    for (int round = 0; round < 20; round++) {
        struct client client = start(describe(VMNET_HOST_MODE));
        dispatch_queue_t queue = dispatch_queue_create("conformance.events", DISPATCH_QUEUE_SERIAL);
        // The queue is busy, so that events wait in it.
        dispatch_semaphore_t busy = dispatch_semaphore_create(0);
        dispatch_async(queue, ^{
            dispatch_semaphore_wait(busy, DISPATCH_TIME_FOREVER);
        });
        stopped = false;
        EXPECT_EQUAL(
            vmnet_interface_set_event_callback(
                client.interface, PACKETS, queue, ^(interface_event_t event, xpc_object_t more) {
                    (void)event, (void)more;
                    EXPECT(!stopped);
                    events++;
                }), VMNET_SUCCESS);
        announce(&sender);
        stop(&client);
        stopped = true;
        dispatch_semaphore_signal(busy);
        dispatch_semaphore_t end = dispatch_semaphore_create(0);
        dispatch_async(queue, ^{
            dispatch_semaphore_signal(end);
        });
        dispatch_semaphore_wait(end, DISPATCH_TIME_FOREVER);
        dispatch_release(end);
        dispatch_release(busy);
        dispatch_release(queue);
    }
    EXPECT_EQUAL(events, 0);
    stop(&sender);
}
