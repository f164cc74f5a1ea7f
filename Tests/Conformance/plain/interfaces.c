// Two interfaces of a network exchange batches of packets in pieces; they wait to be counted, polled for and read.
#define _GNU_SOURCE
#include <poll.h>

#include "../Support/plain.h"

enum { BATCH = 64 };

static uint8_t bytes[BATCH][LONGEST_FRAME];
static struct iovec parts[BATCH][2];
static ovn_packet packets[BATCH];

static void prepare(size_t size) {
    for (int index = 0; index < BATCH; index++) {
        parts[index][0] = (struct iovec){bytes[index], 33};
        parts[index][1] = (struct iovec){bytes[index] + 33, size - 33};
        packets[index] = (ovn_packet){parts[index], 2, size};
    }
}

static int is_readable(ovn_interface *interface) {
    int descriptor = ovn_interface_descriptor(interface);
    EXPECT(descriptor >= 0);
    struct pollfd polled = {.fd = descriptor, .events = POLLIN};
    return poll(&polled, 1, 0) == 1 && (polled.revents & POLLIN) != 0;
}

int main(void) {
    alarm(3 * PATIENCE);
    ovn_network *network = start_network(HOST_NETWORK);
    ovn_interface *one = start_interface(network, 0), *other = start_interface(network, 0);
    // The network lives as long as its interfaces.
    ovn_network_free(network);
    ovn_interface_parameters parameters = parameters_of(one);
    EXPECT_EQUAL(parameters.has_addresses, 1);
    EXPECT_EQUAL(ntohl(parameters.start_address.s_addr), 0xc0a86901);
    EXPECT_EQUAL(ntohl(parameters.end_address.s_addr), 0xc0a86914);
    EXPECT_EQUAL(ntohl(parameters.subnet_mask.s_addr), 0xffffff00);
    EXPECT_EQUAL(parameters.mtu, 1500);
    EXPECT_EQUAL(parameters.max_packet_size, LONGEST_FRAME);
    EXPECT(parameters.read_max_packets >= BATCH && parameters.write_max_packets >= BATCH);

    send_number(one, everybody, 1, SHORTEST_FRAME);
    expect_number(other, 1);
    uint8_t scrap[LONGEST_FRAME];
    while (read_one(other, scrap, sizeof scrap)) {}
    while (read_one(one, scrap, sizeof scrap)) {}
    EXPECT(!is_readable(one));
    for (int round = 0; round < 10; round++) {
        prepare(LONGEST_FRAME);
        for (int index = 0; index < BATCH; index++) {
            put_numbered_frame(
                bytes[index], LONGEST_FRAME, parameters.mac_address, parameters_of(other).mac_address, (uint32_t)index);
        }
        EXPECT_EQUAL(ovn_interface_write(other, packets, BATCH), BATCH);
        EVENTUALLY(ovn_interface_waiting_packets(one) >= BATCH);
        EXPECT(is_readable(one));
        for (int next = 0; next < BATCH;) {
            prepare(LONGEST_FRAME);
            ssize_t count = ovn_interface_read(one, packets, BATCH);
            EXPECT(count > 0);
            for (ssize_t index = 0; index < count; index++) {
                if (!has_type(bytes[index], packets[index].byte_count, EXPERIMENT)) continue;
                EXPECT(is_numbered_frame(bytes[index], packets[index].byte_count, (uint32_t)next));
                next++;
            }
        }
        EXPECT_EQUAL(ovn_interface_waiting_packets(one), 0);
        EXPECT(!is_readable(one));
    }
    ovn_interface_statistics statistics;
    EXPECT_EQUAL(ovn_interface_get_statistics(one, &statistics, sizeof statistics), 0);
    EXPECT(statistics.received_packets >= 10 * BATCH);
    EXPECT(statistics.received_bytes >= 10 * BATCH * LONGEST_FRAME);
    EXPECT(statistics.sent_packets >= 1);
    ovn_interface_free(one);
    ovn_interface_free(other);
}
