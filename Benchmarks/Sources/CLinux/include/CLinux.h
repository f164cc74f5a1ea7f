#ifndef CLINUX_H
#define CLINUX_H

#include <linux/if_tun.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/types.h>

/// `pidfd_open(2)`, which the C library has since glibc 2.36 only.
int ovb_pidfd_open(pid_t process);

/// `struct mmsghdr`.
struct ovb_message {
    struct msghdr header;
    unsigned int byte_count;
};

int ovb_recvmmsg(int descriptor, struct ovb_message *messages, unsigned int count, int flags);
int ovb_sendmmsg(int descriptor, struct ovb_message *messages, unsigned int count, int flags);

#endif
