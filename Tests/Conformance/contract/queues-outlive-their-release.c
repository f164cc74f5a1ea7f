// Blocks and queues are vmnet's as long as it needs them: semu releases its queue right after it has called stop.
#include "../Support/client.h"

static atomic_int completions;

static interface_ref start_and_release(void) {
    dispatch_queue_t queue = dispatch_queue_create("conformance.released", DISPATCH_QUEUE_SERIAL);
    dispatch_queue_t events = dispatch_queue_create("conformance.released.events", DISPATCH_QUEUE_SERIAL);
    xpc_object_t description = describe(VMNET_HOST_MODE);
    int marker = 7;
    interface_ref interface = vmnet_start_interface(
        description, queue, ^(vmnet_return_t status, xpc_object_t parameters) {
            (void)parameters;
            EXPECT_EQUAL(status, VMNET_SUCCESS);
            EXPECT_EQUAL(marker, 7);
            completions++;
        });
    xpc_release(description);
    dispatch_release(queue);
    EVENTUALLY(completions == 1);
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, events, ^(interface_event_t event, xpc_object_t more) {
                EXPECT_EQUAL(event, PACKETS);
                EXPECT(xpc_dictionary_get_uint64(more, vmnet_estimated_packets_available_key) >= 1);
                EXPECT_EQUAL(marker, 7);
                completions++;
            }), VMNET_SUCCESS);
    dispatch_release(events);
    return interface;
}

static void stop_and_release(interface_ref interface) {
    dispatch_queue_t queue = dispatch_queue_create("conformance.released.stop", DISPATCH_QUEUE_SERIAL);
    int marker = 8;
    EXPECT_EQUAL(vmnet_stop_interface(interface, queue, ^(vmnet_return_t status) {
        EXPECT_EQUAL(status, VMNET_SUCCESS);
        EXPECT_EQUAL(marker, 8);
        completions = -1;
    }), VMNET_SUCCESS);
    dispatch_release(queue);
}

int main(void) {
    alarm(3 * PATIENCE);
    interface_ref interface = start_and_release();
    struct client other = start(describe(VMNET_HOST_MODE));
    announce(&other);
    EVENTUALLY(completions > 1);
    stop_and_release(interface);
    EVENTUALLY(completions == -1);
    stop(&other);
}
