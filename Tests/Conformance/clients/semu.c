// As semu and rv32emu do it: the completion sets the callback through the handle that start returns, a pipe wakes the
// machine, packets lie in the guest's own buffers, and the queue is released right after stop is called.
#include <fcntl.h>
#include <poll.h>

#include "../Support/client.h"

static interface_ref interface;
static dispatch_queue_t queue;
static int wake[2];

static void start_with_callback(void) {
    queue = dispatch_queue_create("conformance.semu", DISPATCH_QUEUE_SERIAL);
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    __block interface_ref started = NULL;
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    started = vmnet_start_interface(description, queue, ^(vmnet_return_t status, xpc_object_t parameters) {
        EXPECT_EQUAL(status, VMNET_SUCCESS);
        EXPECT(xpc_dictionary_get_string(parameters, vmnet_mac_address_key) != NULL);
        EXPECT_EQUAL(
            vmnet_interface_set_event_callback(
                started, PACKETS, queue, ^(interface_event_t event, xpc_object_t more) {
                    (void)more;
                    EXPECT(event & PACKETS);
                    EXPECT(write(wake[1], "!", 1) == 1 || errno == EAGAIN);
                }), VMNET_SUCCESS);
        dispatch_semaphore_signal(done);
    });
    EXPECT(started != NULL);
    xpc_release(description);
    dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    dispatch_release(done);
    interface = started;
}

int main(void) {
    alarm(3 * PATIENCE);
    EXPECT_EQUAL(pipe(wake), 0);
    for (int index = 0; index < 2; index++) fcntl(wake[index], F_SETFL, O_NONBLOCK);
    struct client sender = start(describe(VMNET_SHARED_MODE));
    const uint8_t mac[6] = {2, 0x5e, 0xee, 0, 0, 1};
    start_with_callback();
    uint8_t frame[LONGEST_FRAME];
    put_numbered_frame(frame, SHORTEST_FRAME, everybody, mac, 0);
    EXPECT_EQUAL(write_packet(interface, frame, SHORTEST_FRAME), VMNET_SUCCESS);
    send_numbered(&sender, mac, 1, 100, 1000);
    for (uint32_t next = 1; next <= 100;) {
        struct pollfd descriptor = {.fd = wake[0], .events = POLLIN};
        EXPECT_EQUAL(poll(&descriptor, 1, PATIENCE * 1000), 1);
        EXPECT(read(wake[0], frame, sizeof frame) > 0);
        // Two descriptors of a virtqueue.
        struct iovec pieces[] = {{frame, 700}, {frame + 700, 814}};
        struct vmpktdesc packet = {.vm_pkt_size = LONGEST_FRAME, .vm_pkt_iov = pieces, .vm_pkt_iovcnt = 2};
        int count = 1;
        while (vmnet_read(interface, &packet, &count) == VMNET_SUCCESS && count == 1) {
            if (has_type(frame, packet.vm_pkt_size, EXPERIMENT)) {
                EXPECT(is_numbered_frame(frame, packet.vm_pkt_size, next));
                next++;
            }
            packet.vm_pkt_size = LONGEST_FRAME;
        }
    }
    dispatch_semaphore_t done = dispatch_semaphore_create(0);
    EXPECT_EQUAL(vmnet_stop_interface(interface, queue, ^(vmnet_return_t status) {
        EXPECT_EQUAL(status, VMNET_SUCCESS);
        dispatch_semaphore_signal(done);
    }), VMNET_SUCCESS);
    dispatch_release(queue);
    dispatch_semaphore_wait(done, DISPATCH_TIME_FOREVER);
    dispatch_release(done);
    stop(&sender);
}
