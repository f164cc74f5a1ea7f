/*
 * The smallest useful program on <openvmnet.h>: the kernel itself as a guest, through a TAP interface.
 *
 *     cc -o tap tap.c $(pkg-config --cflags --libs openvmnet)
 *     ip netns add guest
 *     ./tap vmnet-shared eth0 /run/netns/guest &
 *     ip netns exec guest sh -c 'udhcpc -i eth0 && iperf3 -c 192.168.64.1'
 *
 * The interface eth0 appears in the namespace, and with the program it goes away. Making one needs CAP_NET_ADMIN
 * there; the network itself needs nothing.
 *
 * An emulator does the same with its network card's rings in the place of the TAP: one poll for both sides, and
 * batches both ways. Both sides here speak the virtio header, so that up to 64 KiB of a TCP stream travel as one
 * packet, and checksums that the kernel leaves open stay open until somebody needs them.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_arp.h>
#include <linux/if_tun.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <openvmnet.h>

enum { BATCH = 32, VIRTIO_HEADER = 12 };

/* Packets on their way from one side to the other. */
struct batch {
    ovn_packet packets[BATCH];
    struct iovec parts[BATCH];
};

static struct batch new_batch(size_t capacity) {
    struct batch batch;
    for (int index = 0; index < BATCH; index++) {
        void *bytes = malloc(capacity);
        if (!bytes) err(1, "no memory for packets");
        batch.parts[index] = (struct iovec){bytes, capacity};
    }
    return batch;
}

/* Enters the network namespace at the path for good. */
static void enter(const char *path) {
    int space = open(path, O_RDONLY | O_CLOEXEC);
    if (space < 0 || setns(space, CLONE_NEWNET) < 0) err(1, "network namespace %s", path);
    close(space);
}

/* Makes a TAP interface whose frames have the virtio header and may be long or without their checksums (Linux,
   Documentation/networking/tuntap.rst). */
static int open_tap(const char *name) {
    struct ifreq request = {.ifr_flags = IFF_TAP | IFF_NO_PI | IFF_VNET_HDR};
    snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name);
    int header = VIRTIO_HEADER, little_endian = 1;
    int tap = open("/dev/net/tun", O_RDWR | O_NONBLOCK | O_CLOEXEC);
    if (tap < 0) err(1, "/dev/net/tun");
    if (ioctl(tap, TUNSETIFF, &request) < 0) err(1, "TAP interface %s", name);
    if (ioctl(tap, TUNSETVNETHDRSZ, &header) < 0 || ioctl(tap, TUNSETVNETLE, &little_endian) < 0
        || ioctl(tap, TUNSETOFFLOAD, TUN_F_CSUM | TUN_F_TSO4 | TUN_F_TSO6) < 0) {
        err(1, "offload of %s", name);
    }
    return tap;
}

/* In another network namespace, if one is named; the network's own sockets are in this one. */
static int open_tap_in(const char *name, const char *space) {
    if (!space) return open_tap(name);
    int home = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
    if (home < 0) err(1, "/proc/self/ns/net");
    enter(space);
    int tap = open_tap(name);
    if (setns(home, CLONE_NEWNET) < 0) err(1, "back from %s", space);
    close(home);
    return tap;
}

static void set_address(int tap, const uint8_t *address) {
    struct ifreq request = {.ifr_hwaddr.sa_family = ARPHRD_ETHER};
    memcpy(request.ifr_hwaddr.sa_data, address, 6);
    if (ioctl(tap, SIOCSIFHWADDR, &request) < 0) err(1, "the interface's MAC address");
}

/* What the kernel sends goes to the network. */
static void send_batch(int tap, ovn_interface *interface, struct batch *batch) {
    size_t count = 0;
    for (; count < BATCH; count++) {
        ssize_t size = read(tap, batch->parts[count].iov_base, batch->parts[count].iov_len);
        if (size < 0 && errno != EAGAIN && errno != EINTR) err(1, "read from the TAP interface");
        if (size <= 0) break;
        batch->packets[count] = (ovn_packet){&batch->parts[count], 1, (size_t)size};
    }
    for (size_t sent = 0; sent < count;) {
        ssize_t done = ovn_interface_write(interface, batch->packets + sent, count - sent);
        if (done == OVN_ESTOPPED) errx(1, "%s", ovn_error_message());
        /* The packet whose turn it is is one that the network does not take. */
        sent += done > 0 ? (size_t)done : 1;
    }
}

/* What the network has goes to the kernel, which drops what it has no use for, as a network card does. */
static void receive_batch(ovn_interface *interface, int tap, struct batch *batch) {
    for (int index = 0; index < BATCH; index++) batch->packets[index] = (ovn_packet){&batch->parts[index], 1, 0};
    ssize_t count = ovn_interface_read(interface, batch->packets, BATCH);
    if (count < 0) errx(1, "%s", ovn_error_message());
    for (ssize_t index = 0; index < count; index++) {
        ssize_t size = write(tap, batch->parts[index].iov_base, batch->packets[index].byte_count);
        (void)size;
    }
}

int main(int count, char **words) {
    if (count != 3 && count != 4) errx(2, "usage: %s NETDEV INTERFACE [NAMESPACE]", words[0]);
    int tap = open_tap_in(words[2], count == 4 ? words[3] : NULL);
    ovn_network *network = ovn_network_start(words[1], NULL);
    ovn_interface_options options = {
        .size = sizeof options, .flags = OVN_INTERFACE_TSO | OVN_INTERFACE_VIRTIO_HEADER};
    ovn_interface *interface = network ? ovn_interface_start(network, &options) : NULL;
    if (!interface) errx(1, "%s", ovn_error_message());
    ovn_interface_parameters parameters;
    ovn_interface_get_parameters(interface, &parameters, sizeof parameters);
    set_address(tap, parameters.mac_address);
    printf("%s: the gateway is %s\n", words[2], inet_ntoa(parameters.start_address));
    fflush(stdout);

    struct batch batch = new_batch(parameters.max_packet_size);
    struct pollfd sides[] = {
        {.fd = tap, .events = POLLIN}, {.fd = ovn_interface_descriptor(interface), .events = POLLIN}};
    if (sides[1].fd < 0) errx(1, "%s", ovn_error_message());
    for (;;) {
        if (poll(sides, 2, -1) < 0) err(1, "poll");
        if (sides[0].revents) send_batch(tap, interface, &batch);
        if (sides[1].revents) receive_batch(interface, tap, &batch);
    }
}
