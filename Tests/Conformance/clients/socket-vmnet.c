// As socket_vmnet does it: each event reads exactly as many packets as it announces, in batches of 32, and every packet
// and every iovec has more than 12 octets afterwards.
#include "../Support/client.h"

enum { BATCH = 32 };

static atomic_int received;

static void on_packets(interface_ref interface, uint64_t estimate, size_t size) {
    uint8_t *bytes = malloc(BATCH * size);
    for (uint64_t taken = 0; taken < estimate;) {
        struct iovec vectors[BATCH];
        struct vmpktdesc packets[BATCH];
        int count = estimate - taken < BATCH ? (int)(estimate - taken) : BATCH, wanted = count;
        for (int index = 0; index < count; index++) {
            vectors[index] = (struct iovec){.iov_base = bytes + (size_t)index * size, .iov_len = size};
            packets[index] = (struct vmpktdesc){.vm_pkt_size = size, .vm_pkt_iov = &vectors[index], .vm_pkt_iovcnt = 1};
        }
        EXPECT_EQUAL(vmnet_read(interface, packets, &count), VMNET_SUCCESS);
        EXPECT_EQUAL(count, wanted);
        for (int index = 0; index < count; index++) {
            EXPECT(vectors[index].iov_len > 12);
            EXPECT(packets[index].vm_pkt_size > 12);
            if (has_type(vectors[index].iov_base, packets[index].vm_pkt_size, EXPERIMENT)) received++;
        }
        taken += (uint64_t)count;
    }
    free(bytes);
}

int main(void) {
    alarm(3 * PATIENCE);
    xpc_object_t description = describe(VMNET_SHARED_MODE);
    const uuid_t id = {0x50, 0x0c};
    xpc_dictionary_set_uuid(description, vmnet_interface_id_key, id);
    struct client client = start(description);
    struct client sender = start(describe(VMNET_SHARED_MODE));
    announce(&client);
    interface_ref interface = client.interface;
    size_t size = client.max_packet_size;
    dispatch_queue_t queue = dispatch_queue_create("conformance.events", DISPATCH_QUEUE_SERIAL);
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, queue, ^(interface_event_t event, xpc_object_t more) {
                EXPECT_EQUAL(event, PACKETS);
                on_packets(interface, xpc_dictionary_get_uint64(more, vmnet_estimated_packets_available_key), size);
            }), VMNET_SUCCESS);
    int before = received;
    for (uint32_t number = 1; number <= 2000; number += 100) {
        send_numbered(&sender, client.mac, number, 100, 600);
        EVENTUALLY(received - before >= (int)number + 99);
    }
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(interface, PACKETS, NULL, NULL), VMNET_SUCCESS);
    stop(&client);
    dispatch_release(queue);
    stop(&sender);
}
