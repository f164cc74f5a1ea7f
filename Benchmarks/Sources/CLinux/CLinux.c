#define _GNU_SOURCE
#include "CLinux.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// What Swift's Glibc module lacks. No logic lives here.

_Static_assert(sizeof(struct ovb_message) == sizeof(struct mmsghdr), "ovb_message is mmsghdr");
_Static_assert(offsetof(struct ovb_message, byte_count) == offsetof(struct mmsghdr, msg_len), "ovb_message is mmsghdr");

int ovb_recvmmsg(int descriptor, struct ovb_message *messages, unsigned int count, int flags) {
    return recvmmsg(descriptor, (struct mmsghdr *)messages, count, flags, NULL);
}

int ovb_sendmmsg(int descriptor, struct ovb_message *messages, unsigned int count, int flags) {
    return sendmmsg(descriptor, (struct mmsghdr *)messages, count, flags);
}

int ovb_pidfd_open(pid_t process) {
    return (int)syscall(SYS_pidfd_open, process, 0);
}
