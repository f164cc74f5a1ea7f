// Start's completion runs after vmnet_start_interface has returned: semu and rv32emu use the returned handle in it.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    for (int round = 0; round < 20; round++) {
        dispatch_queue_t queue = dispatch_queue_create("conformance.start", DISPATCH_QUEUE_CONCURRENT);
        dispatch_semaphore_t done = dispatch_semaphore_create(0);
        xpc_object_t description = describe(VMNET_HOST_MODE);
        __block interface_ref interface = NULL;
        interface = vmnet_start_interface(description, queue, ^(vmnet_return_t status, xpc_object_t parameters) {
            EXPECT_EQUAL(status, VMNET_SUCCESS);
            EXPECT(parameters != NULL);
            EXPECT(interface != NULL);
            EXPECT_EQUAL(
                vmnet_interface_set_event_callback(
                    interface, PACKETS, queue, ^(interface_event_t event, xpc_object_t more) {
                        (void)event, (void)more;
                    }), VMNET_SUCCESS);
            dispatch_semaphore_signal(done);
        });
        xpc_release(description);
        EXPECT(interface != NULL);
        EXPECT_EQUAL(dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC)), 0);
        EXPECT_EQUAL(vmnet_stop_interface(interface, queue, ^(vmnet_return_t status) {
            EXPECT_EQUAL(status, VMNET_SUCCESS);
            dispatch_semaphore_signal(done);
        }), VMNET_SUCCESS);
        EXPECT_EQUAL(dispatch_semaphore_wait(done, dispatch_time(DISPATCH_TIME_NOW, PATIENCE * NSEC_PER_SEC)), 0);
        dispatch_release(done);
        dispatch_release(queue);
    }
}
