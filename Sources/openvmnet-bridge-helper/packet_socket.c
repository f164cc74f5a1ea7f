#define _GNU_SOURCE 1

#include "packet_socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "CBridge.h"
#include "reply.h"

// Kernel headers of Debian 12 have them all; libc's own header is older.
#ifndef PACKET_FANOUT_FLAG_IGNORE_OUTGOING
#define PACKET_FANOUT_FLAG_IGNORE_OUTGOING 0x4000
#endif

static int open_socket(const struct request *request, struct privilege privilege) {
    if (privilege.has_raw_sockets) raise_privilege();
    // No protocol: it hears of nothing before it is bound to its interface.
    int socket_descriptor = socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0);
    int error = errno;
    drop_privilege();
    if (socket_descriptor >= 0) return socket_descriptor;
    if (error == EPERM) {
        refuse(request, OVN_BRIDGE_NO_CAPABILITY, error, "%s", privilege.is_withheld ? "no_new_privs" : "");
    }
    refuse(request, OVN_BRIDGE_FAILED, error, "open a packet socket");
}

/// The interface's number. The kernel finds it by alternative names too, which the policy does not know.
static int find_interface(const struct request *request, int socket_descriptor) {
    struct ifreq interface = {0};
    strncpy(interface.ifr_name, request->interface, IFNAMSIZ - 1);
    if (ioctl(socket_descriptor, SIOCGIFINDEX, &interface) != 0) {
        refuse(request, OVN_BRIDGE_UNSUITABLE, errno, "there is no interface %s", request->interface);
    }
    int number = interface.ifr_ifindex;
    struct ifreq named = {.ifr_ifindex = number};
    if (ioctl(socket_descriptor, SIOCGIFNAME, &named) != 0) {
        refuse(request, OVN_BRIDGE_UNSUITABLE, errno, "there is no interface %s", request->interface);
    }
    if (strncmp(named.ifr_name, request->interface, IFNAMSIZ) != 0) {
        refuse(
            request, OVN_BRIDGE_UNSUITABLE, 0, "%s is another name of %.*s: use that", request->interface, IFNAMSIZ,
            named.ifr_name);
    }
    struct ifreq link = {0};
    memcpy(link.ifr_name, named.ifr_name, IFNAMSIZ);
    // Loopback among others: it carries what the host says to itself.
    if (ioctl(socket_descriptor, SIOCGIFHWADDR, &link) != 0 || link.ifr_hwaddr.sa_family != ARPHRD_ETHER) {
        refuse(request, OVN_BRIDGE_UNSUITABLE, 0, "%s is not Ethernet", request->interface);
    }
    return number;
}

static void drop_all_frames(const struct request *request, int socket_descriptor) {
    struct sock_filter nothing = BPF_STMT(BPF_RET | BPF_K, 0);
    struct sock_fprog program = {1, &nothing};
    if (setsockopt(socket_descriptor, SOL_SOCKET, SO_ATTACH_FILTER, &program, sizeof program) != 0) {
        refuse(request, OVN_BRIDGE_FAILED, errno, "attach a filter");
    }
}

/// A member of a fanout group cannot be bound again (packet(7)): without that its holder could listen on every interface.
/// The group is this socket's own; whether frames that the host sends are heard is a property of the group.
static void keep_bound(const struct request *request, int socket_descriptor) {
    int group = (PACKET_FANOUT_CPU | PACKET_FANOUT_FLAG_UNIQUEID | PACKET_FANOUT_FLAG_IGNORE_OUTGOING) << 16;
    if (setsockopt(socket_descriptor, SOL_PACKET, PACKET_FANOUT, &group, sizeof group) == 0) return;
    // Linux before 6.14 takes a socket whose interface is down for one that is not bound.
    if (errno == EINVAL) refuse(request, OVN_BRIDGE_UNSUITABLE, ENETDOWN, "%s is down", request->interface);
    refuse(request, OVN_BRIDGE_FAILED, errno, "keep the socket on %s", request->interface);
}

int open_packet_socket(const struct request *request, struct privilege privilege) {
    int socket_descriptor = open_socket(request, privilege);
    struct sockaddr_ll address = {
        .sll_family = AF_PACKET,
        .sll_protocol = htons(ETH_P_ALL),
        .sll_ifindex = find_interface(request, socket_descriptor),
    };
    drop_all_frames(request, socket_descriptor);
    if (bind(socket_descriptor, (struct sockaddr *)&address, sizeof address) != 0) {
        refuse(request, OVN_BRIDGE_FAILED, errno, "bind a packet socket to %s", request->interface);
    }
    keep_bound(request, socket_descriptor);
    return socket_descriptor;
}
