// With the virtio header, every packet has its 12 octets in front, whoever sent it, and a checksum that a guest left
// open is complete where the receiver has no header for it.
#define _GNU_SOURCE
#include "../Support/plain.h"

enum { HEADER = 12, NEEDS_CHECKSUM = 1, UDP_FRAME = 14 + 20 + 8 + 32 };

// A UDP packet whose checksum is still its pseudo-header's sum.
static void put_partial_udp(uint8_t *frame, const uint8_t *to, const uint8_t *from) {
    struct in_addr one = {htonl(0xc0a8690b)}, other = {htonl(0xc0a8690c)};
    put_ethernet(frame, to, from, IPV4);
    put_ipv4(frame + 14, IPPROTO_UDP, one, other, UDP_FRAME - 34);
    put16(frame + 34, 1000);
    put16(frame + 36, 2000);
    put16(frame + 38, UDP_FRAME - 34);
    put16(frame + 40, ~internet_checksum(NULL, 0, pseudo_header_sum(frame + 14, IPPROTO_UDP, UDP_FRAME - 34)) & 0xffff);
    for (int offset = 42; offset < UDP_FRAME; offset++) frame[offset] = (uint8_t)offset;
}

int main(void) {
    alarm(3 * PATIENCE);
    ovn_network *network = start_network(HOST_NETWORK);
    ovn_interface *plain = start_interface(network, 0), *virtio = start_interface(network, OVN_INTERFACE_VIRTIO_HEADER);
    EXPECT_EQUAL(parameters_of(virtio).max_packet_size, LONGEST_FRAME + HEADER);
    send_number(plain, everybody, 1, 100);
    uint8_t bytes[LONGEST_FRAME + HEADER];
    size_t size = 0;
    EVENTUALLY((size = read_one(virtio, bytes, sizeof bytes)) && has_type(bytes + HEADER, size - HEADER, EXPERIMENT));
    EXPECT_EQUAL(size, 100 + HEADER);
    EXPECT(is_numbered_frame(bytes + HEADER, 100, 1));
    // No checksum is open, nothing is segmented.
    EXPECT_EQUAL(bytes[0] & NEEDS_CHECKSUM, 0);
    EXPECT_EQUAL(bytes[1], 0);

    memset(bytes, 0, HEADER);
    bytes[0] = NEEDS_CHECKSUM;
    // Where the checksum begins and lies, in little-endian order.
    bytes[6] = 34;
    bytes[8] = 6;
    put_partial_udp(bytes + HEADER, parameters_of(plain).mac_address, parameters_of(virtio).mac_address);
    EXPECT_EQUAL(write_one(virtio, bytes, HEADER + UDP_FRAME), 1);
    EVENTUALLY((size = read_one(plain, bytes, sizeof bytes)) && has_type(bytes, size, IPV4));
    EXPECT_EQUAL(size, UDP_FRAME);
    uint32_t sum = pseudo_header_sum(bytes + 14, IPPROTO_UDP, UDP_FRAME - 34);
    EXPECT_EQUAL(internet_checksum(bytes + 34, UDP_FRAME - 34, sum), 0);

    // A header that points behind its packet.
    memset(bytes, 0, HEADER);
    bytes[0] = NEEDS_CHECKSUM;
    bytes[7] = 0xff;
    put_partial_udp(bytes + HEADER, parameters_of(plain).mac_address, parameters_of(virtio).mac_address);
    EXPECT_EQUAL(write_one(virtio, bytes, HEADER + UDP_FRAME), OVN_EINVAL);
    EXPECT_EQUAL(write_one(virtio, bytes, 4), OVN_EINVAL);
    ovn_interface_free(plain);
    ovn_interface_free(virtio);
    ovn_network_free(network);
}
