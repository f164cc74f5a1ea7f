// A forward leads a client of the host to the guest, which is asked for by ARP; afterwards its port is nobody's.
#define _GNU_SOURCE
#include <errno.h>
#include <sys/socket.h>

#include "../Support/plain.h"

static int connect_to(int port) {
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    host.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT(descriptor >= 0);
    if (connect(descriptor, (struct sockaddr *)&host, sizeof host) == 0) return descriptor;
    EXPECT_EQUAL(errno, ECONNREFUSED);
    close(descriptor);
    return -1;
}

static int asks_for_guest(ovn_interface *interface) {
    uint8_t frame[LONGEST_FRAME];
    size_t size = read_one(interface, frame, sizeof frame);
    return has_type(frame, size, ARP) && get32(frame + 38) == 0xc0a8690b;
}

int main(void) {
    alarm(3 * PATIENCE);
    ovn_network *network = start_network(HOST_NETWORK);
    ovn_interface *interface = start_interface(network, 0);
    int port = ovn_interface_add_forward(interface, "tcp:0:192.168.105.11:7");
    EXPECT(port > 0);
    char same[64], forward[64];
    snprintf(forward, sizeof forward, "tcp:%d:192.168.105.11:7", port);
    snprintf(same, sizeof same, "tcp:%d:192.168.105.12:7", port);
    EXPECT_EQUAL(ovn_interface_add_forward(interface, same), OVN_EBUSY);
    int client = connect_to(port);
    EVENTUALLY(asks_for_guest(interface));
    if (client >= 0) close(client);
    EXPECT_EQUAL(ovn_interface_remove_forward(interface, forward), 0);
    EXPECT_EQUAL(ovn_interface_remove_forward(interface, forward), OVN_EINVAL);
    EXPECT_EQUAL(connect_to(port), -1);
    ovn_interface_free(interface);
    ovn_network_free(network);
}
