/*
 * <openvmnet.h>: networks for virtual machines, in plain C.
 *
 * A network is an Ethernet segment with a DHCP server, a switch, and a way to the host or beyond. It lives in this
 * process (ovn_network_start) or in another one (ovn_network_join). A guest's packets enter and leave it at an
 * interface. Nothing here needs privileges but bridged mode, which needs CAP_NET_RAW. Link with `pkg-config --cflags
 * --libs openvmnet`.
 *
 *     ovn_network *network = ovn_network_start("vmnet-shared", NULL);
 *     ovn_interface *interface = network ? ovn_interface_start(network, NULL) : NULL;
 *     if (!interface) errx(1, "%s", ovn_error_message());
 *
 * Threads: every function may be called from any thread, also at the same time and for the same object; only a _free
 * must be the last call for its object.
 * Errors: functions that return a pointer return NULL, those that return int or ssize_t a negative OVN_E... What went
 * wrong is then in ovn_error_message. Arguments that must not be NULL are OVN_EINVAL when they are.
 * Ownership: what a function named _start, _join or _copy returns is the caller's, who ends it with the function that
 * its comment names. Everything that is passed in is copied, and need not outlive the call.
 * Numbers in structures are in host order, addresses in network order.
 */
#ifndef OPENVMNET_H
#define OPENVMNET_H

#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <sys/uio.h>

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Errors ---- */

/* Negative results. */
enum ovn_error {
    /* The kernel, or something that the other values do not name. */
    OVN_EFAILURE = -1,
    /* An argument or option that is missing, out of range or in contradiction to another one. */
    OVN_EINVAL = -2,
    /* A name, port or subnet that is taken. */
    OVN_EBUSY = -3,
    /* This process may not do that. */
    OVN_EACCESS = -4,
    /* There is no such network. */
    OVN_ENOTRUNNING = -5,
    /* A packet that is longer than the interface's largest, or does not fit into the buffer. */
    OVN_ETOOBIG = -6,
    /* More packets than the interface takes at a time. */
    OVN_ETOOMANY = -7,
    /* The interface is stopped. */
    OVN_ESTOPPED = -8,
    /* No memory, or no port left on the network. */
    OVN_ENOMEM = -9
};

/*
 * Why the last call on this thread that failed did: a sentence with the offending value, and on a second line that
 * begins with "hint: " the remedy where there is one. Valid until the next call on this thread that fails; "" before
 * any has.
 */
const char *ovn_error_message(void);

/* ---- Networks ---- */

typedef struct ovn_network ovn_network;

/* What there is to say of a network beside QEMU's options; zeros are what NULL means. */
typedef struct ovn_network_options {
    /* sizeof(ovn_network_options), so that later versions can have more; anything less is OVN_EINVAL. */
    size_t size;
    /* What the network is called in the log and in its leases' directory; NULL = its mode. */
    const char *name;
    /* Where leases are kept, so that guests find them after a restart; NULL = in memory. With a directory the name is
       taken on this host. */
    const char *state_directory;
    /* OVN_NETWORK_... */
    uint32_t flags;
} ovn_network_options;

enum ovn_network_flag {
    /* Guests do not reach services on this host's loopback, which they otherwise find at the gateway's address. */
    OVN_NETWORK_NO_HOST_LOOPBACK = 1 << 0,
    /* A guest may send from its own MAC address and its leased addresses only. */
    OVN_NETWORK_LOCK_LEASES = 1 << 1,
    /* Takes addresses that an interface or a route of this host uses. */
    OVN_NETWORK_FORCE = 1 << 2
};

/*
 * Starts a network in this process.
 *
 * netdev: QEMU's options: "vmnet-shared", "vmnet-host,start-address=192.168.105.1,end-address=192.168.105.254,
 * subnet-mask=255.255.255.0,isolated=on", "vmnet-bridged,ifname=eth0"; also mtu, nat66-prefix, net-uuid, host-ip,
 * host-mask.
 * options: NULL for none.
 * Ended with ovn_network_free. OVN_EINVAL, OVN_EBUSY when the subnet or the name is taken, OVN_EACCESS, OVN_EFAILURE.
 */
ovn_network *ovn_network_start(const char *netdev, const ovn_network_options *options);

/*
 * The network that `openvmnet serve --name NAME` runs, found by this name or by its control socket's path (which
 * contains a '/'). Interfaces of it come back by themselves when that process is restarted.
 *
 * Ended with ovn_network_free. OVN_ENOTRUNNING when there is no such network, OVN_EACCESS when it lets nobody in.
 */
ovn_network *ovn_network_join(const char *name);

/*
 * The network of a process that passed the text of ovn_network_copy_serialization. It lives there, and when it ends the
 * interfaces here fall silent.
 *
 * Ended with ovn_network_free. OVN_EINVAL for what is no such text, OVN_ENOTRUNNING when the network has ended.
 */
ovn_network *ovn_network_join_serialization(const char *serialization);

/*
 * What another process needs to join this one's network while it lives: printable characters without spaces. A secret:
 * whoever has it may join. Ended with free(). OVN_EINVAL for a network that is another process's already.
 */
char *ovn_network_copy_serialization(ovn_network *network);

/*
 * Gives the network up. It ends with its last interface, when it is this process's, and goes on without this process
 * when it is another's. NULL is allowed.
 */
void ovn_network_free(ovn_network *network);

/* ---- Interfaces ---- */

typedef struct ovn_interface ovn_interface;

/* What an interface is asked to be; zeros are what NULL means. */
typedef struct ovn_interface_options {
    /* sizeof(ovn_interface_options), so that later versions can have more; anything less is OVN_EINVAL. */
    size_t size;
    /* 16 bytes: who the interface is; the same gets the same MAC address, and so the same lease. NULL = a new one. */
    const uint8_t *id;
    /* 6 bytes: the guest's address; NULL = one made from the id. */
    const uint8_t *mac_address;
    /* OVN_INTERFACE_... */
    uint32_t flags;
} ovn_interface_options;

enum ovn_interface_flag {
    /* Exchanges packets with the gateway only. */
    OVN_INTERFACE_ISOLATED = 1 << 0,
    /* TCP packets of up to 64 KiB pass whole. */
    OVN_INTERFACE_TSO = 1 << 1,
    /* Packets that are written may have checksums that are not yet computed. */
    OVN_INTERFACE_CHECKSUM_OFFLOAD = 1 << 2,
    /* Every packet has a virtio-net header of 12 bytes in front (struct virtio_net_hdr_v1), little-endian, both ways.
       Not with OVN_INTERFACE_CHECKSUM_OFFLOAD, which it contains. */
    OVN_INTERFACE_VIRTIO_HEADER = 1 << 3
};

/* What an interface is. */
typedef struct ovn_interface_parameters {
    uint8_t id[16];
    /* The address that the guest is to have. */
    uint8_t mac_address[6];
    /* Whether the next three are set: 1, or 0 in networks without DHCP. */
    uint16_t has_addresses;
    /* The gateway, the last address of the DHCP pool, and the mask. */
    struct in_addr start_address;
    struct in_addr end_address;
    struct in_addr subnet_mask;
    /* The /64 that guests have IPv6 addresses in; all zeros = none. */
    struct in6_addr nat66_prefix;
    /* The largest IP packet, in bytes. */
    uint32_t mtu;
    /* The largest packet, with its Ethernet header and the virtio header if there is one, in bytes. */
    uint32_t max_packet_size;
    /* Packets that one call reads, and takes, at most. */
    uint32_t read_max_packets;
    uint32_t write_max_packets;
} ovn_interface_parameters;

/* Traffic of an interface since its start, as its guest sees it: received by the guest, sent by the guest. */
typedef struct ovn_interface_statistics {
    uint64_t received_packets;
    uint64_t received_bytes;
    uint64_t sent_packets;
    uint64_t sent_bytes;
    /* Packets of either direction that went nowhere: for want of room in a queue, or of somebody to take them. */
    uint64_t dropped_packets;
} ovn_interface_statistics;

/* A packet in the caller's memory: an Ethernet frame without its check sequence, the virtio header in front if asked
   for. */
typedef struct ovn_packet {
    /* Where it is; never changed. */
    struct iovec *parts;
    /* Elements of `parts`, from 1 on. */
    size_t part_count;
    /* Bytes of the packet. Write: in, at most what the parts hold. Read: out; how much room there is say the parts. */
    size_t byte_count;
} ovn_packet;

/* Attaches an interface. Ended with ovn_interface_free. OVN_EINVAL, OVN_ENOMEM, OVN_ENOTRUNNING. */
ovn_interface *ovn_interface_start(ovn_network *network, const ovn_interface_options *options);

/* Fills in what an interface is; `size` is sizeof(ovn_interface_parameters). Returns 0. */
int ovn_interface_get_parameters(const ovn_interface *interface, ovn_interface_parameters *parameters, size_t size);

/* Fills in its traffic; `size` is sizeof(ovn_interface_statistics). Returns 0. */
int ovn_interface_get_statistics(const ovn_interface *interface, ovn_interface_statistics *statistics, size_t size);

/*
 * Reads up to `count` packets that wait, oldest first, and sets the byte_count of each. Never blocks.
 *
 * Returns how many, 0 when none waited; OVN_ETOOBIG when the packet whose turn it is does not fit into the first
 * buffer, and stays; OVN_ETOOMANY, OVN_EINVAL, OVN_ESTOPPED.
 */
ssize_t ovn_interface_read(ovn_interface *interface, ovn_packet *packets, size_t count);

/*
 * Sends `count` packets; what they cause on the network has happened when it returns. Never blocks.
 *
 * Returns how many were sent: fewer than `count` when a later one is wrong; OVN_ETOOBIG, or OVN_EINVAL for less than an
 * Ethernet header or a virtio header that contradicts the packet, when the first one is; OVN_ETOOMANY, OVN_ESTOPPED.
 */
ssize_t ovn_interface_write(ovn_interface *interface, const ovn_packet *packets, size_t count);

/* How many packets wait to be read. */
size_t ovn_interface_waiting_packets(const ovn_interface *interface);

/*
 * A descriptor for poll, epoll and the like: readable (POLLIN) while packets wait. It is the interface's: never read,
 * write or close it; it is closed by ovn_interface_free. OVN_EFAILURE when the kernel has none left.
 */
int ovn_interface_descriptor(ovn_interface *interface);

/* Called while packets wait, with their number, at least 1. */
typedef void (*ovn_event_handler)(void *context, size_t waiting_packets);
/* Called once when no call of a handler runs any more, and none will begin. */
typedef void (*ovn_context_release)(void *context);

/*
 * Has `handler` called while packets wait: when some have come, after a read that left some, and, while nobody reads
 * them, again and again at growing intervals (5 to 320 ms). On whichever thread brought the packets: it must not block,
 * and may call every function here but ovn_interface_free for this interface.
 *
 * handler: NULL for none. It takes the place of the one before, of which no call begins after this function has
 * returned.
 * context: passed to it. release: called with it when it is needed no longer; may be NULL.
 * Returns 0; OVN_ESTOPPED, and then `release` has been called.
 */
int ovn_interface_set_event_handler(
    ovn_interface *interface, ovn_event_handler handler, void *context, ovn_context_release release);

/*
 * Opens a port of this host that leads to a guest of the interface's network: "tcp:8080:80",
 * "udp:0.0.0.0:5353:192.168.64.2:53", "unix:/run/guest.sock:22" (PROTO:[HOSTADDR:]HOSTPORT:[GUEST:]GUESTPORT). It ends
 * with the network, or with the interface when the network is another process's.
 *
 * Returns the port, which the kernel has chosen for HOSTPORT 0 (unix: 0); OVN_EINVAL, OVN_EBUSY when the port is taken,
 * OVN_EACCESS when this process may not have it.
 */
int ovn_interface_add_forward(ovn_interface *interface, const char *forward);

/* Closes it, and the connections through it. Returns 0; OVN_EINVAL when there is none with the same host side. */
int ovn_interface_remove_forward(ovn_interface *interface, const char *forward);

/* Takes the interface off the network. Later calls are OVN_ESTOPPED. */
void ovn_interface_stop(ovn_interface *interface);

/* Stops it, and gives it up. NULL is allowed. */
void ovn_interface_free(ovn_interface *interface);

#ifdef __cplusplus
}
#endif

#endif
