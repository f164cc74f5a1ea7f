// As simh and MAME do it: no callback ever; one packet is polled for between the machine's instructions, and sent at
// once.
#include "../Support/client.h"

int main(void) {
    alarm(3 * PATIENCE);
    struct client client = start(describe_mode(VMNET_SHARED_MODE));
    const char *gateway = xpc_dictionary_get_string(client.parameters, vmnet_start_address_key);
    struct in_addr own = {.s_addr = htonl(ntohl(address(gateway).s_addr) + 9)};
    int answers = 0;
    for (int round = 0; answers < 100; round++) {
        EXPECT(round < PATIENCE * 10000);
        uint8_t frame[LONGEST_FRAME];
        if (round % 100 == 0) {
            size_t size = put_arp_request(frame, client.mac, own, address(gateway));
            EXPECT_EQUAL(write_packet(client.interface, frame, size), VMNET_SUCCESS);
        }
        size_t size = read_packet(client.interface, frame, sizeof frame);
        if (is_arp_reply(frame, size, address(gateway))) answers++;
        usleep(100);
    }
    stop(&client);
}
