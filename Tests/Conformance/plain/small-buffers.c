// A packet that does not fit stays, for a caller who comes with more room.
#define _GNU_SOURCE
#include "../Support/plain.h"

int main(void) {
    alarm(3 * PATIENCE);
    ovn_network *network = start_network(HOST_NETWORK);
    ovn_interface *sender = start_interface(network, 0), *receiver = start_interface(network, 0);
    send_number(sender, everybody, 1, 1000);
    EVENTUALLY(ovn_interface_waiting_packets(receiver) >= 1);
    uint8_t bytes[200];
    memset(bytes, 0xee, sizeof bytes);
    struct iovec part = {bytes, 100};
    ovn_packet packet = {&part, 1, 0};
    EXPECT_EQUAL(ovn_interface_read(receiver, &packet, 1), OVN_ETOOBIG);
    for (size_t index = 100; index < sizeof bytes; index++) EXPECT_EQUAL(bytes[index], 0xee);
    expect_number(receiver, 1);
    ovn_interface_free(receiver);
    ovn_interface_free(sender);
    ovn_network_free(network);
}
