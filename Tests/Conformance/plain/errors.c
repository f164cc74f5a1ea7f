// What is wrong has a number, and a sentence that names it.
#define _GNU_SOURCE
#include <string.h>

#include "../Support/plain.h"

static void expect_refusal(const char *netdev, const char *named) {
    EXPECT(ovn_network_start(netdev, NULL) == NULL);
    if (strstr(ovn_error_message(), named)) return;
    fprintf(stderr, "%s: \"%s\" does not name %s\n", netdev, ovn_error_message(), named);
    _exit(1);
}

int main(void) {
    alarm(3 * PATIENCE);
    EXPECT_EQUAL(strlen(ovn_error_message()), 0);
    expect_refusal("vmnet-shred", "vmnet-shred");
    expect_refusal("vmnet-shared,start-adress=1", "start-adress");
    expect_refusal("vmnet-shared,start-address=192.168.105.1", "'start-address', 'end-address', 'subnet-mask'");
    expect_refusal("vmnet-shared,start-address=8.8.8.1,end-address=8.8.8.9,subnet-mask=255.255.255.0", "8.8.8.1");
    expect_refusal("vmnet-shared,mtu=9", "9");
    EXPECT(ovn_network_start(NULL, NULL) == NULL);
    EXPECT(ovn_network_join("no-network-has-this-name") == NULL);
    EXPECT(strstr(ovn_error_message(), "no-network-has-this-name") != NULL);
    EXPECT(ovn_network_join_serialization("nonsense") == NULL);

    ovn_network *network = start_network(HOST_NETWORK);
    EXPECT(ovn_network_start(HOST_NETWORK, NULL) == NULL);
    EXPECT(strstr(ovn_error_message(), "192.168.105") != NULL);
    ovn_interface_options contradiction = {
        .size = sizeof contradiction, .flags = OVN_INTERFACE_VIRTIO_HEADER | OVN_INTERFACE_CHECKSUM_OFFLOAD};
    EXPECT(ovn_interface_start(network, &contradiction) == NULL);
    EXPECT(ovn_interface_start(NULL, NULL) == NULL);
    ovn_interface *interface = ovn_interface_start(network, NULL);
    SUCCEEDS(interface != NULL);

    static uint8_t bytes[LONGEST_FRAME + 1];
    put_ethernet(bytes, everybody, parameters_of(interface).mac_address, EXPERIMENT);
    EXPECT_EQUAL(write_one(interface, bytes, 13), OVN_EINVAL);
    EXPECT_EQUAL(write_one(interface, bytes, LONGEST_FRAME + 1), OVN_ETOOBIG);
    EXPECT(strstr(ovn_error_message(), "1515") != NULL);
    static struct iovec part = {bytes, LONGEST_FRAME};
    static ovn_packet packets[1024];
    for (int index = 0; index < 1024; index++) packets[index] = (ovn_packet){&part, 1, LONGEST_FRAME};
    EXPECT_EQUAL(ovn_interface_write(interface, packets, 1024), OVN_ETOOMANY);
    EXPECT_EQUAL(ovn_interface_read(interface, packets, 1024), OVN_ETOOMANY);
    EXPECT_EQUAL(ovn_interface_write(interface, NULL, 1), OVN_EINVAL);
    // Those before the wrong one are sent.
    packets[2].byte_count = 3;
    EXPECT_EQUAL(ovn_interface_write(interface, packets, 5), 2);
    EXPECT_EQUAL(ovn_interface_add_forward(interface, "tcp:eighty:80"), OVN_EINVAL);
    EXPECT(strstr(ovn_error_message(), "eighty") != NULL);
    ovn_interface_stop(interface);
    EXPECT_EQUAL(write_one(interface, bytes, SHORTEST_FRAME), OVN_ESTOPPED);
    EXPECT_EQUAL(ovn_interface_read(interface, packets, 1), OVN_ESTOPPED);
    ovn_interface_free(interface);
    ovn_interface_free(NULL);
    ovn_network_free(network);
    ovn_network_free(NULL);
}
