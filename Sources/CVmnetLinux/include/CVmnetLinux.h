// What Swift's Glibc module lacks: headers that it does not include, calls that are GNU's own, macros, and variadic
// calls, which Swift cannot make. No logic lives here.
//
// Nothing here may define _GNU_SOURCE: Swift's own view of the C library is without it, and the two must agree on
// every type. GNU's own calls are therefore wrapped in CVmnetLinux.c.
#ifndef CVMNETLINUX_H
#define CVMNETLINUX_H

#include <linux/filter.h>
#include <linux/if_tun.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/sched.h>
#include <malloc.h>
#include <net/if.h>
#include <netinet/udp.h>
#include <sched.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>

#include <linux/errqueue.h>

#include "namespaces.h"

// GNU's own calls. Each does what the function or system call it is named after does, with the same result.

/// `struct mmsghdr`.
struct ovn_message {
    struct msghdr header;
    unsigned int byte_count;
};

int ovn_recvmmsg(int descriptor, struct ovn_message *messages, unsigned int count, int flags);
int ovn_sendmmsg(int descriptor, struct ovn_message *messages, unsigned int count, int flags);
int ovn_accept4(int descriptor, int flags);
int ovn_unshare(int flags);
int ovn_setns(int descriptor, int kind);
int ovn_pidfd_open(pid_t process);
int ovn_pidfd_send_signal(int descriptor, int signal);
/// `prctl(PR_SET_NAME)`: the calling thread's, cut to 15 bytes.
void ovn_set_thread_name(const char *name);
/// `waitid(P_PIDFD, ...)`.
int ovn_waitid_pidfd(int descriptor, siginfo_t *information, int options);

// Function-like macros.

static inline unsigned long ovn_tunsetiff(void) { return TUNSETIFF; }
static inline unsigned long ovn_tungetiff(void) { return TUNGETIFF; }
static inline unsigned long ovn_tunsetvnethdrsz(void) { return TUNSETVNETHDRSZ; }
static inline unsigned long ovn_tunsetvnetle(void) { return TUNSETVNETLE; }
static inline unsigned long ovn_tunsetoffload(void) { return TUNSETOFFLOAD; }
static inline struct cmsghdr *ovn_cmsg_firsthdr(struct msghdr *header) { return CMSG_FIRSTHDR(header); }
static inline struct cmsghdr *ovn_cmsg_nxthdr(struct msghdr *header, struct cmsghdr *control) {
    return CMSG_NXTHDR(header, control);
}
static inline void *ovn_cmsg_data(struct cmsghdr *control) { return CMSG_DATA(control); }
static inline size_t ovn_cmsg_len(size_t byte_count) { return CMSG_LEN(byte_count); }
static inline size_t ovn_cmsg_space(size_t byte_count) { return CMSG_SPACE(byte_count); }

// Variadic calls.

static inline int ovn_ioctl_pointer(int descriptor, unsigned long request, void *argument) {
    return ioctl(descriptor, request, argument);
}
static inline int ovn_ioctl_value(int descriptor, unsigned long request, unsigned long argument) {
    return ioctl(descriptor, request, argument);
}

#endif
