// A guest of a few lines that answers: ARP for its address, and an echo service at one port of TCP and UDP.
//
// One TCP connection at a time, without retransmission: what a test on an undisturbed network needs.
#ifndef CONFORMANCE_RESPONDER_H
#define CONFORMANCE_RESPONDER_H

#include <sys/socket.h>

#include "client.h"

enum { TCP_FIN = 1, TCP_SYN = 2, TCP_PSH = 8, TCP_ACK = 16 };

struct responder {
    struct client *client;
    struct in_addr address;
    unsigned port;
    // TCP's next sequence number of its own, and the next one that it expects.
    uint32_t own;
    uint32_t expected;
};

static inline void answer_arp(struct responder *responder, uint8_t *frame) {
    if (get16(frame + 20) != 1 || memcmp(frame + 38, &responder->address, 4) != 0) return;
    uint8_t asker[10];
    memcpy(asker, frame + 22, 10);
    put_ethernet(frame, asker, responder->client->mac, ARP);
    put16(frame + 20, 2);
    memcpy(frame + 22, responder->client->mac, 6);
    memcpy(frame + 28, &responder->address, 4);
    memcpy(frame + 32, asker, 10);
    EXPECT_EQUAL(write_packet(responder->client->interface, frame, SHORTEST_FRAME), VMNET_SUCCESS);
}

// Sends what lies behind the headers of 54 octets back to whom the frame came from.
static inline void answer_tcp(struct responder *responder, uint8_t *frame, unsigned flags, size_t count) {
    uint8_t sender[6], *packet = frame + 14, *segment = packet + 20;
    struct in_addr peer;
    memcpy(sender, frame + 6, 6);
    memcpy(&peer, packet + 12, 4);
    unsigned peer_port = get16(segment);
    put_ethernet(frame, sender, responder->client->mac, IPV4);
    put_ipv4(packet, IPPROTO_TCP, responder->address, peer, 20 + count);
    put16(segment, responder->port);
    put16(segment + 2, peer_port);
    put32(segment + 4, responder->own);
    put32(segment + 8, responder->expected);
    put16(segment + 12, 5 << 12 | flags);
    put16(segment + 14, 16384);
    put32(segment + 16, 0);
    put16(segment + 16, internet_checksum(segment, 20 + count, pseudo_header_sum(packet, IPPROTO_TCP, 20 + count)));
    size_t size = 54 + count < SHORTEST_FRAME ? SHORTEST_FRAME : 54 + count;
    EXPECT_EQUAL(write_packet(responder->client->interface, frame, size), VMNET_SUCCESS);
    responder->own += (uint32_t)count + !!(flags & (TCP_SYN | TCP_FIN));
}

static inline void hear_tcp(struct responder *responder, uint8_t *frame) {
    uint8_t *segment = frame + 34;
    unsigned flags = get16(segment + 12);
    size_t header = (size_t)(flags >> 12) * 4, count = get16(frame + 16) - 20 - header;
    uint32_t sequence = get32(segment + 4);
    if (flags & TCP_SYN) {
        responder->own = 1000;
        responder->expected = sequence + 1;
        answer_tcp(responder, frame, TCP_SYN | TCP_ACK, 0);
    } else if (sequence == responder->expected && (count > 0 || flags & TCP_FIN)) {
        responder->expected += (uint32_t)count + (flags & TCP_FIN);
        memmove(segment + 20, segment + header, count);
        answer_tcp(responder, frame, TCP_ACK | (count ? TCP_PSH : 0) | (flags & TCP_FIN), count);
    }
}

static inline void hear_udp(struct responder *responder, uint8_t *frame) {
    uint8_t sender[6], *packet = frame + 14, *datagram = packet + 20;
    struct in_addr peer;
    memcpy(sender, frame + 6, 6);
    memcpy(&peer, packet + 12, 4);
    size_t count = get16(datagram + 4);
    unsigned peer_port = get16(datagram);
    put_ethernet(frame, sender, responder->client->mac, IPV4);
    put_ipv4(packet, IPPROTO_UDP, responder->address, peer, count);
    put16(datagram, responder->port);
    put16(datagram + 2, peer_port);
    // No checksum (RFC 768).
    put16(datagram + 6, 0);
    size_t size = 34 + count < SHORTEST_FRAME ? SHORTEST_FRAME : 34 + count;
    EXPECT_EQUAL(write_packet(responder->client->interface, frame, size), VMNET_SUCCESS);
}

// Answers what waits.
static inline void respond(struct responder *responder) {
    uint8_t frame[LONGEST_FRAME + SHORTEST_FRAME];
    for (size_t size; (size = read_packet(responder->client->interface, frame, LONGEST_FRAME)) > 0;) {
        if (has_type(frame, size, ARP)) answer_arp(responder, frame);
        if (!has_type(frame, size, IPV4) || frame[14] != 0x45) continue;
        if (memcmp(frame + 30, &responder->address, 4) != 0 || get16(frame + 36) != responder->port) continue;
        if (frame[23] == IPPROTO_TCP) hear_tcp(responder, frame);
        if (frame[23] == IPPROTO_UDP) hear_udp(responder, frame);
    }
}

static inline int connect_to_host(int type, unsigned port) {
    struct sockaddr_in host = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
    host.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    int descriptor = socket(AF_INET, type | SOCK_CLOEXEC, 0);
    EXPECT(descriptor >= 0);
    if (connect(descriptor, (struct sockaddr *)&host, sizeof host) == 0) return descriptor;
    close(descriptor);
    return -1;
}

// Whether a client of this host at that port of its loopback has its words back from the responder.
static inline bool is_echoed(struct responder *responder, int type, unsigned port) {
    static const char words[] = "through a port of the host";
    char answer[sizeof words];
    size_t received = 0;
    int descriptor = connect_to_host(type, port);
    if (descriptor < 0) return false;
    bool is_open = send(descriptor, words, sizeof words, MSG_NOSIGNAL) == sizeof words;
    for (double deadline = seconds() + PATIENCE; is_open && received < sizeof words && seconds() < deadline;) {
        respond(responder);
        ssize_t count = recv(descriptor, answer + received, sizeof words - received, MSG_DONTWAIT);
        if (count > 0) received += (size_t)count;
        is_open = count > 0 || (count < 0 && errno == EAGAIN);
        usleep(500);
    }
    close(descriptor);
    return received == sizeof words && memcmp(answer, words, sizeof words) == 0;
}

// Clients are refused until the responder is known, who is asked for by ARP.
static inline void expect_echo(struct responder *responder, int type, unsigned port) {
    EVENTUALLY((respond(responder), is_echoed(responder, type, port)));
}

static inline void expect_refusal(unsigned port) {
    int descriptor = connect_to_host(SOCK_STREAM, port);
    EXPECT(descriptor < 0);
}

#endif
