// What is too much or too little has its own status each, and leaves everything as it was: vfkit writes 4 octets to say
// hello, QEMU reads 200 packets of 1514 octets at once.
#include "../Support/client.h"

enum { MANY = 1024 };

static uint8_t bytes[MANY][LONGEST_FRAME + 1];
static struct iovec vectors[MANY];
static struct vmpktdesc packets[MANY];

static void prepare(size_t size) {
    for (int index = 0; index < MANY; index++) {
        vectors[index] = (struct iovec){.iov_base = bytes[index], .iov_len = size};
        packets[index] = (struct vmpktdesc){.vm_pkt_size = size, .vm_pkt_iov = &vectors[index], .vm_pkt_iovcnt = 1};
    }
}

static vmnet_return_t try_write(struct client *client, int *count) {
    return vmnet_write(client->interface, packets, count);
}

static void expect_write_of_size(struct client *client, size_t size, vmnet_return_t status) {
    prepare(size);
    int count = 1;
    EXPECT_EQUAL(try_write(client, &count), status);
}

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    announce(&sender);
    drain(&receiver);
    drain(&sender);
    const int limit = (int)xpc_dictionary_get_uint64(sender.parameters, vmnet_write_max_packets_key);
    EXPECT_EQUAL(limit, 256);
    EXPECT_EQUAL(xpc_dictionary_get_uint64(sender.parameters, vmnet_read_max_packets_key), 256);

    // Sizes of one packet.
    for (int index = 0; index < MANY; index++) {
        put_numbered_frame(bytes[index], LONGEST_FRAME, receiver.mac, sender.mac, 1 + (uint32_t)index);
    }
    expect_write_of_size(&sender, 4, VMNET_INVALID_ARGUMENT);
    expect_write_of_size(&sender, 13, VMNET_INVALID_ARGUMENT);
    expect_write_of_size(&sender, LONGEST_FRAME + 1, VMNET_PACKET_TOO_BIG);
    EXPECT_EQUAL(drain(&receiver), 0);
    expect_write_of_size(&sender, LONGEST_FRAME, VMNET_SUCCESS);
    EVENTUALLY(drain(&receiver) == 1);

    // vm_pkt_size is the packet's length; the pieces have to hold as much.
    prepare(60);
    packets[0].vm_pkt_size = 61;
    int count = 1;
    EXPECT_EQUAL(try_write(&sender, &count), VMNET_INVALID_ARGUMENT);
    EXPECT_EQUAL(drain(&receiver), 0);

    // How many packets at once.
    prepare(SHORTEST_FRAME);
    count = limit + 1;
    EXPECT_EQUAL(try_write(&sender, &count), VMNET_TOO_MANY_PACKETS);
    count = limit + 1;
    EXPECT_EQUAL(vmnet_read(sender.interface, packets, &count), VMNET_TOO_MANY_PACKETS);
    EXPECT_EQUAL(drain(&receiver), 0);
    count = 200;
    EXPECT_EQUAL(try_write(&sender, &count), VMNET_SUCCESS);
    EXPECT_EQUAL(count, 200);

    // More room than any read fills: it returns what is there.
    prepare(LONGEST_FRAME);
    int received = 0;
    while (received < 200) {
        count = 200;
        EXPECT_EQUAL(vmnet_read(receiver.interface, packets, &count), VMNET_SUCCESS);
        for (int index = 0; index < count; index++) {
            if (!has_type(bytes[index], packets[index].vm_pkt_size, EXPERIMENT)) continue;
            EXPECT_EQUAL(get32(bytes[index] + 14), ++received);
        }
        prepare(LONGEST_FRAME);
    }
    stop(&receiver);
    stop(&sender);
}
