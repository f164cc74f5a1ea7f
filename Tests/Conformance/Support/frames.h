// Frames as a guest makes them, and what it looks for in those it gets.
#ifndef CONFORMANCE_FRAMES_H
#define CONFORMANCE_FRAMES_H

#include <arpa/inet.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

enum {
    // 802.3's shortest frame without its checksum, and Ethernet's longest with an MTU of 1500.
    SHORTEST_FRAME = 60,
    LONGEST_FRAME = 1514,
    // IEEE 802's EtherType for local experiments: nobody else sends it.
    EXPERIMENT = 0x88b5,
    ARP = 0x0806,
    IPV4 = 0x0800,
};

static const uint8_t everybody[6] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

static inline void put16(uint8_t *at, unsigned value) {
    at[0] = (uint8_t)(value >> 8);
    at[1] = (uint8_t)value;
}

static inline void put32(uint8_t *at, uint32_t value) {
    put16(at, value >> 16);
    put16(at + 2, value & 0xffff);
}

static inline unsigned get16(const uint8_t *at) { return (unsigned)at[0] << 8 | at[1]; }
static inline uint32_t get32(const uint8_t *at) { return (uint32_t)get16(at) << 16 | get16(at + 2); }

static inline void put_ethernet(uint8_t *frame, const uint8_t *to, const uint8_t *from, unsigned type) {
    memcpy(frame, to, 6);
    memcpy(frame + 6, from, 6);
    put16(frame + 12, type);
}

static inline bool has_type(const uint8_t *frame, size_t size, unsigned type) {
    return size >= 14 && get16(frame + 12) == type;
}

// A frame of the experiment, with its number behind the header and after that octets that follow from it.
static inline void put_numbered_frame(
    uint8_t *frame, size_t size, const uint8_t *to, const uint8_t *from, uint32_t number) {
    put_ethernet(frame, to, from, EXPERIMENT);
    put32(frame + 14, number);
    for (size_t offset = 18; offset < size; offset++) frame[offset] = (uint8_t)(number + offset);
}

// Whether the frame is the one that `put_numbered_frame` makes, unharmed.
static inline bool is_numbered_frame(const uint8_t *frame, size_t size, uint32_t number) {
    if (size < 18 || !has_type(frame, size, EXPERIMENT) || get32(frame + 14) != number) return false;
    for (size_t offset = 18; offset < size; offset++) {
        if (frame[offset] != (uint8_t)(number + offset)) return false;
    }
    return true;
}

// "Who has `wanted`?", from a guest at `own` (addresses in network byte order).
static inline size_t put_arp_request(uint8_t *frame, const uint8_t *mac, struct in_addr own, struct in_addr wanted) {
    static const uint8_t head[8] = {0, 1, 8, 0, 6, 4, 0, 1};
    memset(frame, 0, SHORTEST_FRAME);
    put_ethernet(frame, everybody, mac, ARP);
    memcpy(frame + 14, head, 8);
    memcpy(frame + 22, mac, 6);
    memcpy(frame + 28, &own, 4);
    memcpy(frame + 38, &wanted, 4);
    return SHORTEST_FRAME;
}

// Whether the frame says where `wanted` is.
static inline bool is_arp_reply(const uint8_t *frame, size_t size, struct in_addr wanted) {
    return has_type(frame, size, ARP) && size >= 42 && get16(frame + 20) == 2 && memcmp(frame + 28, &wanted, 4) == 0;
}

// The Internet checksum (RFC 1071) of octets whose sum so far is `sum`.
static inline unsigned internet_checksum(const uint8_t *bytes, size_t count, uint32_t sum) {
    for (size_t offset = 0; offset + 1 < count; offset += 2) sum += get16(bytes + offset);
    if (count % 2) sum += (uint32_t)bytes[count - 1] << 8;
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return ~sum & 0xffff;
}

// The header of an IPv4 packet with `count` octets behind it.
static inline void put_ipv4(uint8_t *packet, unsigned protocol, struct in_addr from, struct in_addr to, size_t count) {
    memset(packet, 0, 20);
    packet[0] = 0x45;
    put16(packet + 2, (unsigned)(20 + count));
    packet[8] = 64;
    packet[9] = (uint8_t)protocol;
    memcpy(packet + 12, &from, 4);
    memcpy(packet + 16, &to, 4);
    put16(packet + 10, internet_checksum(packet, 20, 0));
}

// The sum of the pseudo-header of UDP and TCP (RFC 9293, 3.1).
static inline uint32_t pseudo_header_sum(const uint8_t *packet, unsigned protocol, size_t count) {
    uint32_t addresses = get16(packet + 12) + get16(packet + 14) + get16(packet + 16) + get16(packet + 18);
    return addresses + protocol + (uint32_t)count;
}

#endif
