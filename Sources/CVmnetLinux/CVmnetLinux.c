#define _GNU_SOURCE 1

#include "CVmnetLinux.h"

#include <stddef.h>
#include <sys/syscall.h>
#include <unistd.h>

// Older C library headers lack it.
#define OVN_P_PIDFD 3

_Static_assert(sizeof(struct ovn_message) == sizeof(struct mmsghdr), "ovn_message is mmsghdr");
_Static_assert(offsetof(struct ovn_message, byte_count) == offsetof(struct mmsghdr, msg_len), "ovn_message is mmsghdr");

int ovn_recvmmsg(int descriptor, struct ovn_message *messages, unsigned int count, int flags) {
    return recvmmsg(descriptor, (struct mmsghdr *)messages, count, flags, NULL);
}

int ovn_sendmmsg(int descriptor, struct ovn_message *messages, unsigned int count, int flags) {
    return sendmmsg(descriptor, (struct mmsghdr *)messages, count, flags);
}

int ovn_accept4(int descriptor, int flags) { return accept4(descriptor, NULL, NULL, flags); }

int ovn_unshare(int flags) { return unshare(flags); }

int ovn_setns(int descriptor, int kind) { return setns(descriptor, kind); }

int ovn_ofd_setlk(int descriptor, struct flock *lock) { return fcntl(descriptor, F_OFD_SETLK, lock); }

int ovn_ofd_getlk(int descriptor, struct flock *lock) { return fcntl(descriptor, F_OFD_GETLK, lock); }

int ovn_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

int ovn_pidfd_send_signal(int descriptor, int signal) {
    return (int)syscall(SYS_pidfd_send_signal, descriptor, signal, NULL, 0);
}

int ovn_waitid_pidfd(int descriptor, siginfo_t *information, int options) {
    return waitid((idtype_t)OVN_P_PIDFD, (id_t)descriptor, information, options);
}

void ovn_set_thread_name(const char *name) { prctl(PR_SET_NAME, name); }
