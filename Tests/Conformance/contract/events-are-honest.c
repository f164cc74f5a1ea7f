// No event comes for an empty queue, and the number of packets is one that can be read: QEMU's first vmnet patch
// asserts that each event's packet is there, socket_vmnet reads exactly as many as were announced.
#include "../Support/client.h"

enum { COUNT = 500 };

static atomic_int received;

int main(void) {
    alarm(3 * PATIENCE);
    struct client sender = start(describe(VMNET_HOST_MODE));
    struct client receiver = start(describe(VMNET_HOST_MODE));
    announce(&receiver);
    drain(&receiver);
    interface_ref interface = receiver.interface;
    // One packet for each event.
    vmnet_interface_event_callback_t read_one = ^(interface_event_t event, xpc_object_t more) {
        (void)event, (void)more;
        uint8_t bytes[LONGEST_FRAME];
        EXPECT(read_packet(interface, bytes, sizeof bytes) > 0);
        received++;
    };
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, receiver.queue, read_one), VMNET_SUCCESS);
    for (int number = 1; number <= COUNT; number++) {
        int before = received;
        send_numbered(&sender, receiver.mac, (uint32_t)number, 1, SHORTEST_FRAME);
        if (number % 3) EVENTUALLY(received > before);
    }
    EVENTUALLY(received >= COUNT);
    // As many as are announced.
    received = 0;
    vmnet_interface_event_callback_t read_estimate = ^(interface_event_t event, xpc_object_t more) {
        (void)event;
        uint64_t estimate = xpc_dictionary_get_uint64(more, vmnet_estimated_packets_available_key);
        EXPECT(estimate >= 1);
        for (uint64_t index = 0; index < estimate; index++) {
            uint8_t bytes[LONGEST_FRAME];
            EXPECT(read_packet(interface, bytes, sizeof bytes) > 0);
            received++;
        }
    };
    EXPECT_EQUAL(
        vmnet_interface_set_event_callback(
            interface, PACKETS, receiver.queue, read_estimate), VMNET_SUCCESS);
    for (int round = 0; round < 10; round++) {
        int before = received;
        send_numbered(&sender, receiver.mac, 1, COUNT / 10, SHORTEST_FRAME);
        EVENTUALLY(received >= before + COUNT / 10);
    }
    stop(&receiver);
    stop(&sender);
}
