// A DHCP client of a few lines (RFC 2131): asks, and takes the first offer.
#ifndef CONFORMANCE_DHCP_H
#define CONFORMANCE_DHCP_H

#include "client.h"

enum {
    DHCP_DISCOVER = 1,
    DHCP_OFFER = 2,
    DHCP_REQUEST = 3,
    DHCP_ACK = 5,
    DHCP_TRANSACTION = 0x0badcafe,
    // In the frame: of the BOOTP message, of its options behind the magic cookie.
    DHCP_AT = 42,
    DHCP_OPTIONS_AT = DHCP_AT + 240,
    DHCP_FRAME = DHCP_OPTIONS_AT + 60,
};

// Broadcasts a message of that kind; a request is for `wanted`, from `server`.
static inline void send_dhcp(struct client *client, int kind, struct in_addr wanted, struct in_addr server) {
    uint8_t frame[DHCP_FRAME] = {0};
    const struct in_addr nobody = {0}, broadcast = {0xffffffff};
    put_ethernet(frame, everybody, client->mac, IPV4);
    put_ipv4(frame + 14, IPPROTO_UDP, nobody, broadcast, DHCP_FRAME - 34);
    put16(frame + 34, 68);
    put16(frame + 36, 67);
    put16(frame + 38, DHCP_FRAME - 34);
    uint8_t *message = frame + DHCP_AT;
    message[0] = 1, message[1] = 1, message[2] = 6;
    put32(message + 4, DHCP_TRANSACTION);
    put16(message + 10, 0x8000);
    memcpy(message + 28, client->mac, 6);
    put32(message + 236, 0x63825363);
    uint8_t *option = frame + DHCP_OPTIONS_AT;
    *option++ = 53, *option++ = 1, *option++ = (uint8_t)kind;
    if (kind == DHCP_REQUEST) {
        *option++ = 50, *option++ = 4;
        memcpy(option, &wanted, 4), option += 4;
        *option++ = 54, *option++ = 4;
        memcpy(option, &server, 4), option += 4;
    }
    *option = 255;
    EXPECT_EQUAL(write_packet(client->interface, frame, sizeof frame), VMNET_SUCCESS);
}

static inline void send_discover(struct client *client) {
    const struct in_addr nobody = {0};
    send_dhcp(client, DHCP_DISCOVER, nobody, nobody);
}

// The value of an option, or NULL.
static inline const uint8_t *dhcp_option(const uint8_t *frame, size_t size, int wanted) {
    for (size_t at = DHCP_OPTIONS_AT; at + 1 < size && frame[at] != 255; at += frame[at] ? 2u + frame[at + 1] : 1u) {
        if (frame[at] == wanted) return frame + at + 2;
    }
    return NULL;
}

// Waits for an answer of that kind, and gives the address that it is about and its server.
static inline struct in_addr expect_dhcp(struct client *client, int kind, struct in_addr *server) {
    double deadline = seconds() + PATIENCE;
    while (seconds() < deadline) {
        uint8_t frame[LONGEST_FRAME];
        size_t size = read_packet(client->interface, frame, sizeof frame);
        if (size == 0) usleep(1000);
        if (size < DHCP_OPTIONS_AT || !has_type(frame, size, IPV4) || get16(frame + 36) != 68) continue;
        if (get32(frame + DHCP_AT + 4) != DHCP_TRANSACTION) continue;
        const uint8_t *type = dhcp_option(frame, size, 53);
        const uint8_t *identifier = dhcp_option(frame, size, 54);
        if (!type || *type != kind || !identifier) continue;
        struct in_addr given;
        memcpy(&given, frame + DHCP_AT + 16, 4);
        memcpy(server, identifier, 4);
        return given;
    }
    broken_promise(__FILE__, __LINE__, "in time: an answer from the DHCP server");
}

static inline struct in_addr obtain_lease(struct client *client) {
    struct in_addr server;
    send_discover(client);
    struct in_addr offered = expect_dhcp(client, DHCP_OFFER, &server);
    send_dhcp(client, DHCP_REQUEST, offered, server);
    struct in_addr given = expect_dhcp(client, DHCP_ACK, &server);
    EXPECT(given.s_addr == offered.s_addr);
    return given;
}

#endif
