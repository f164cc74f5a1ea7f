// As xhyve does it: its buffers hold the largest packet, one packet is read at a time until errno says EWOULDBLOCK, and
// what is sent lies in the guest's pieces.
#include "../Support/client.h"

static atomic_int events;

int main(void) {
    alarm(3 * PATIENCE);
    struct client client = start(describe(VMNET_SHARED_MODE));
    struct client sender = start(describe(VMNET_SHARED_MODE));
    enum { CAPACITY = 1536 };
    EXPECT(client.max_packet_size <= CAPACITY);
    announce(&client);
    drain(&client);
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            client.interface, PACKETS, client.queue, ^(interface_event_t event, xpc_object_t more) {
                (void)event, (void)more;
                events++;
            }), VMNET_SUCCESS);
    send_numbered(&sender, client.mac, 1, 100, 400);
    EVENTUALLY(events > 0);
    uint32_t next = 1;
    for (;;) {
        uint8_t bytes[CAPACITY];
        struct iovec pieces[] = {{bytes, 64}, {bytes + 64, CAPACITY - 64}};
        struct vmpktdesc packet = {.vm_pkt_size = CAPACITY, .vm_pkt_iov = pieces, .vm_pkt_iovcnt = 2};
        int count = 1;
        errno = 0;
        EXPECT_EQUAL(vmnet_read(client.interface, &packet, &count), VMNET_SUCCESS);
        if (count == 0) {
            EXPECT_EQUAL(errno, EWOULDBLOCK);
            break;
        }
        if (!has_type(bytes, packet.vm_pkt_size, EXPERIMENT)) continue;
        EXPECT(is_numbered_frame(bytes, packet.vm_pkt_size, next));
        next++;
    }
    EXPECT_EQUAL(next, 101);
    uint8_t frame[500];
    put_numbered_frame(frame, sizeof frame, sender.mac, client.mac, 101);
    struct iovec pieces[] = {{frame, 14}, {frame + 14, sizeof frame - 14}};
    struct vmpktdesc packet = {.vm_pkt_size = sizeof frame, .vm_pkt_iov = pieces, .vm_pkt_iovcnt = 2};
    int count = 1;
    EXPECT_EQUAL(vmnet_write(client.interface, &packet, &count), VMNET_SUCCESS);
    expect_numbered(&sender, 101);
    stop(&client);
    stop(&sender);
}
