// What Swift's Glibc module lacks. No logic lives here.
#ifndef CLINUX_H
#define CLINUX_H

#include <linux/if_tun.h>
#include <sys/epoll.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

/// `pidfd_open(2)`, which the C library has since glibc 2.36 only.
static inline int clinux_pidfd_open(pid_t process) { return (int)syscall(SYS_pidfd_open, process, 0); }

#endif
