// Events come again while packets are left: QEMU reads at most 200 packets for each, and nothing at all between them.
#include "../Support/client.h"

enum { BURST = 3000, BATCH = 200 };

static atomic_uint last_number;
static atomic_int read_count;

static void read_batch(struct client *client) {
    static uint8_t bytes[BATCH][LONGEST_FRAME];
    struct iovec vectors[BATCH];
    struct vmpktdesc packets[BATCH];
    for (int index = 0; index < BATCH; index++) {
        vectors[index] = (struct iovec){.iov_base = bytes[index], .iov_len = LONGEST_FRAME};
        packets[index] = (struct vmpktdesc){
            .vm_pkt_size = LONGEST_FRAME, .vm_pkt_iov = &vectors[index], .vm_pkt_iovcnt = 1};
    }
    int count = BATCH;
    EXPECT_EQUAL(vmnet_read(client->interface, packets, &count), VMNET_SUCCESS);
    for (int index = 0; index < count; index++) {
        if (!has_type(bytes[index], packets[index].vm_pkt_size, EXPERIMENT)) continue;
        unsigned number = get32(bytes[index] + 14);
        EXPECT(is_numbered_frame(bytes[index], packets[index].vm_pkt_size, number));
        EXPECT(number > last_number);
        last_number = number;
        read_count++;
    }
}

int main(void) {
    alarm(4 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    struct client *reader = &receiver;
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            receiver.interface, PACKETS, receiver.queue,
            ^(interface_event_t event, xpc_object_t more) {
                (void)event, (void)more;
                read_batch(reader);
            }), VMNET_SUCCESS);
    send_numbered(&sender, receiver.mac, 1, BURST, 1000);
    // What did not fit is lost; what did is read without another packet's help, and then the next one arrives.
    EVENTUALLY(read_count >= BATCH + 1);
    for (unsigned number = BURST + 1; number <= BURST + 20; number++) {
        send_numbered(&sender, receiver.mac, number, 1, SHORTEST_FRAME);
        EVENTUALLY(last_number == number);
    }
    stop(&receiver);
    stop(&sender);
}
