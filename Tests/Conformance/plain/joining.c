// A network that `openvmnet serve` runs is joined by its name, and has its addresses: joining NAME
#define _GNU_SOURCE
#include "../Support/plain.h"

int main(int count, char **words) {
    alarm(3 * PATIENCE);
    EXPECT_EQUAL(count, 2);
    ovn_network *network = ovn_network_join(words[1]);
    SUCCEEDS(network != NULL);
    ovn_interface *one = start_interface(network, 0), *other = start_interface(network, 0);
    EXPECT_EQUAL(ntohl(parameters_of(one).start_address.s_addr), 0xc0a86901);
    send_number(one, everybody, 1, LONGEST_FRAME);
    expect_number(other, 1);
    uint8_t frame[LONGEST_FRAME];
    const struct in_addr own = {htonl(0xc0a8690b)}, gateway = parameters_of(one).start_address;
    size_t size = put_arp_request(frame, parameters_of(one).mac_address, own, gateway);
    EXPECT_EQUAL(write_one(one, frame, size), 1);
    EVENTUALLY((size = read_one(one, frame, sizeof frame)) && is_arp_reply(frame, size, gateway));
    ovn_interface_free(one);
    ovn_interface_free(other);
    ovn_network_free(network);
}
