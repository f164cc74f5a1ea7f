/* libslirp as its callers drive it: input, poll(2), poll callbacks. */
#include "guest.h"

#include <arpa/inet.h>
#include <poll.h>
#include <slirp/libslirp.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

struct bare {
    struct guest guest;
    Slirp *slirp;
    struct pollfd polls[16];
    int poll_count;
    size_t arrived;
};

static int64_t now(void *opaque) {
    (void)opaque;
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

static ssize_t take(const void *frame, size_t count, void *opaque) {
    struct bare *bare = opaque;
    const uint8_t *bytes = frame;
    if (count >= 42 && bytes[12] == 8 && bytes[13] == 6 && bytes[21] == 1) {
        /* Who has the guest's address? */
        uint8_t reply[42];
        memcpy(reply, bytes, 42);
        memcpy(reply, bytes + 6, 6);
        memcpy(reply + 6, bare->guest.station, 6);
        reply[21] = 2;
        memcpy(reply + 22, bare->guest.station, 6);
        memcpy(reply + 28, bytes + 38, 4);
        memcpy(reply + 32, bytes + 22, 10);
        slirp_input(bare->slirp, reply, 42);
        return (ssize_t)count;
    }
    bare->arrived += guest_read(&bare->guest, bytes, count);
    return (ssize_t)count;
}

static void complain(const char *message, void *opaque) { (void)message; (void)opaque; }
static void *new_timer(SlirpTimerCb callback, void *argument, void *opaque) {
    (void)callback; (void)opaque;
    return argument ? argument : (void *)1;
}
static void free_timer(void *timer, void *opaque) { (void)timer; (void)opaque; }
static void set_timer(void *timer, int64_t at, void *opaque) { (void)timer; (void)at; (void)opaque; }
static void watch(int fd, void *opaque) { (void)fd; (void)opaque; }
static void wake(void *opaque) { (void)opaque; }

static int add(int fd, int events, void *opaque) {
    struct bare *bare = opaque;
    if (bare->poll_count == 16) return -1;
    short wanted = (short)((events & SLIRP_POLL_IN ? POLLIN : 0) | (events & SLIRP_POLL_OUT ? POLLOUT : 0) |
                           (events & SLIRP_POLL_PRI ? POLLPRI : 0));
    bare->polls[bare->poll_count] = (struct pollfd){.fd = fd, .events = wanted};
    return bare->poll_count++;
}

static int events_of(int index, void *opaque) {
    struct bare *bare = opaque;
    short got = bare->polls[index].revents;
    return (got & POLLIN ? SLIRP_POLL_IN : 0) | (got & POLLOUT ? SLIRP_POLL_OUT : 0) |
           (got & POLLPRI ? SLIRP_POLL_PRI : 0) | (got & POLLERR ? SLIRP_POLL_ERR : 0) |
           (got & POLLHUP ? SLIRP_POLL_HUP : 0);
}

static int turn(struct bare *bare) {
    uint32_t timeout = 1000;
    bare->poll_count = 0;
    slirp_pollfds_fill(bare->slirp, &timeout, add, bare);
    int ready = poll(bare->polls, (nfds_t)bare->poll_count, (int)timeout);
    slirp_pollfds_poll(bare->slirp, ready < 0, events_of, bare);
    return ready;
}

static void send_frame(struct bare *bare, uint8_t flags, const uint8_t *payload, size_t count) {
    uint8_t frame[128];
    size_t length = guest_write(&bare->guest, frame, flags, payload, count, GUEST_CHECKSUM_COMPLETE);
    slirp_input(bare->slirp, frame, (int)length);
}

int64_t bare_round_trips(uint16_t port, int count) {
    static const SlirpCb callbacks = {
        .send_packet = take, .guest_error = complain, .clock_get_ns = now, .timer_new = new_timer, .timer_free = free_timer,
        .timer_mod = set_timer, .register_poll_fd = watch, .unregister_poll_fd = watch, .notify = wake,
    };
    SlirpConfig config = {
        .version = 1, .in_enabled = true, .if_mtu = 1500, .if_mru = 1500,
        .vnetwork.s_addr = htonl(0x0a000200), .vnetmask.s_addr = htonl(0xffffff00), .vhost.s_addr = htonl(0x0a000202),
        .vdhcp_start.s_addr = htonl(0x0a00020f), .vnameserver.s_addr = htonl(0x0a000203),
    };
    struct bare bare = {.guest = {
        .station = {0x52, 0x54, 0, 0x12, 0x34, 0x56}, .gateway_station = {0x52, 0x55, 0x0a, 0, 2, 2},
        .address = 0x0a00020f, .gateway = 0x0a000202, .port = 1025, .remote_port = port, .sent = 1000,
    }};
    bare.slirp = slirp_new(&config, &callbacks, &bare);
    if (!bare.slirp) return -1;
    send_frame(&bare, GUEST_SYN, NULL, 0);
    for (int i = 0; i < 100 && !bare.guest.is_connected; i++) turn(&bare);
    send_frame(&bare, GUEST_ACK, NULL, 0);
    int64_t start = now(NULL);
    int64_t result = bare.guest.is_connected ? 0 : -1;
    for (int done = 0; done < count && result == 0; done++) {
        size_t before = bare.arrived;
        send_frame(&bare, GUEST_ACK | GUEST_PSH, (const uint8_t *)"x", 1);
        for (int i = 0; bare.arrived == before; i++) {
            if (i == 100) { result = -1; break; }
            turn(&bare);
        }
    }
    if (result == 0) result = now(NULL) - start;
    slirp_cleanup(bare.slirp);
    return result;
}
