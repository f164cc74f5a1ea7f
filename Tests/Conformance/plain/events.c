// A handler is called while packets wait, with its context, and not after it was replaced or its interface stopped;
// then its context is released, once.
#define _GNU_SOURCE
#include <stdatomic.h>

#include "../Support/plain.h"

struct context {
    atomic_int calls;
    atomic_int releases;
};

static void count_call(void *context, size_t waiting_packets) {
    struct context *mine = context;
    EXPECT(waiting_packets >= 1);
    EXPECT_EQUAL(mine->releases, 0);
    mine->calls++;
}

static void count_release(void *context) {
    ((struct context *)context)->releases++;
}

int main(void) {
    alarm(3 * PATIENCE);
    ovn_network *network = start_network(HOST_NETWORK);
    ovn_interface *sender = start_interface(network, 0), *receiver = start_interface(network, 0);
    static struct context first, second, third;
    EXPECT_EQUAL(ovn_interface_set_event_handler(receiver, count_call, &first, count_release), 0);
    send_number(sender, everybody, 1, SHORTEST_FRAME);
    EVENTUALLY(first.calls >= 1);
    // Nobody reads: it is called again, and the next handler at once.
    int before = first.calls;
    EVENTUALLY(first.calls > before);
    EXPECT_EQUAL(ovn_interface_set_event_handler(receiver, count_call, &second, count_release), 0);
    EVENTUALLY(second.calls >= 1);
    EVENTUALLY(first.releases == 1);
    before = first.calls;
    expect_number(receiver, 1);
    EXPECT_EQUAL(ovn_interface_set_event_handler(receiver, NULL, NULL, NULL), 0);
    EVENTUALLY(second.releases == 1);
    EXPECT_EQUAL(ovn_interface_set_event_handler(receiver, count_call, &third, count_release), 0);
    ovn_interface_stop(receiver);
    EVENTUALLY(third.releases == 1);
    EXPECT_EQUAL(ovn_interface_set_event_handler(receiver, count_call, &third, count_release), OVN_ESTOPPED);
    EVENTUALLY(third.releases == 2);
    EXPECT_EQUAL(first.calls, before);
    EXPECT_EQUAL(first.releases, 1);
    ovn_interface_free(receiver);
    ovn_interface_free(sender);
    ovn_network_free(network);
}
