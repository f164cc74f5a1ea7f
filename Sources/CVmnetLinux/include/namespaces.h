// What a process needs that sets up a network namespace for itself and a command.
#ifndef CVMNETLINUX_NAMESPACES_H
#define CVMNETLINUX_NAMESPACES_H

#include <linux/capability.h>
#include <linux/if_packet.h>
#include <linux/sockios.h>
#include <net/ethernet.h>
#include <net/if_arp.h>
#include <net/route.h>

/// glibc and musl export `capset(2)`, but leave its declaration to libcap's header.
extern int capset(cap_user_header_t header, const cap_user_data_t data);

/// `prctl(2)` with integer arguments.
static inline int ovn_prctl(int operation, unsigned long first, unsigned long second) {
    return prctl(operation, first, second, 0UL, 0UL);
}

#endif
