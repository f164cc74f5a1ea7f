/* A guest with one TCP connection, as cheap as one can be: what is measured is the way of its frames, not it. */
#ifndef OVN_BENCHMARK_GUEST_H
#define OVN_BENCHMARK_GUEST_H

#include <stddef.h>
#include <stdint.h>

#define GUEST_SYN 0x02
#define GUEST_ACK 0x10
#define GUEST_PSH 0x08

struct guest {
    uint8_t station[6], gateway_station[6];
    uint32_t address, gateway; /* in host order */
    uint16_t port, remote_port;
    uint32_t sent;         /* the next sequence number to send */
    uint32_t acknowledged; /* what the other side has */
    uint32_t received;     /* the next that the other side sends */
    uint64_t window;       /* what the other side takes beyond `acknowledged` */
    int window_shift, is_connected;
};

/* Whether checksums are complete, or left to who reads the frame, with the pseudo-header's sum in their place. */
enum guest_checksum { GUEST_CHECKSUM_COMPLETE, GUEST_CHECKSUM_PARTIAL };

/* Writes a frame from the guest; `count` bytes of `payload` (NULL: what is there already) are in it, and the guest's numbers
 * move on. Returns the frame's length. A SYN has a segment size of 1460 and a window scale of 7. */
size_t guest_write(struct guest *guest, uint8_t *frame, uint8_t flags, const uint8_t *payload, size_t count,
                   enum guest_checksum checksum);

/* Reads a frame for the guest, and returns how many bytes of its connection are in it; 0 for all that is no news of it. */
size_t guest_read(struct guest *guest, const uint8_t *frame, size_t count);

/* What the guest may send now, in bytes. */
static inline uint64_t guest_room(const struct guest *guest) {
    uint64_t waiting = (uint32_t)(guest->sent - guest->acknowledged);
    return guest->window > waiting ? guest->window - waiting : 0;
}

/* Round trips of one byte to an echo server at `port` of the host's loopback, through libslirp alone, driven by poll(2) on the
 * calling thread. Returns nanoseconds for all `count`, or -1. */
int64_t bare_round_trips(uint16_t port, int count);

#endif
