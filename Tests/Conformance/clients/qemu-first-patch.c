// As QEMU's first vmnet patch does it: its events come on a global queue, each reads one packet and asserts that there
// was one, and it never stops its interface.
#include "../Support/client.h"

static atomic_int received;

int main(void) {
    alarm(3 * PATIENCE);
    struct client client = start(describe(VMNET_HOST_MODE));
    struct client sender = start(describe(VMNET_HOST_MODE));
    announce(&client);
    drain(&client);
    interface_ref interface = client.interface;
    size_t size = client.max_packet_size;
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_HIGH, 0),
            ^(interface_event_t event, xpc_object_t more) {
                EXPECT_EQUAL(event, PACKETS);
                EXPECT(xpc_dictionary_get_uint64(more, vmnet_estimated_packets_available_key) >= 1);
                uint8_t *bytes = malloc(size);
                struct iovec vector = {.iov_base = bytes, .iov_len = size};
                struct vmpktdesc packet = {.vm_pkt_size = size, .vm_pkt_iov = &vector, .vm_pkt_iovcnt = 1};
                int count = 1;
                EXPECT_EQUAL(vmnet_read(interface, &packet, &count), VMNET_SUCCESS);
                EXPECT_EQUAL(count, 1);
                if (has_type(bytes, packet.vm_pkt_size, EXPERIMENT)) received++;
                free(bytes);
            }), VMNET_SUCCESS);
    for (uint32_t number = 1; number <= 1000; number += 50) {
        send_numbered(&sender, client.mac, number, 50, SHORTEST_FRAME);
        EVENTUALLY(received >= (int)number + 49);
    }
}
