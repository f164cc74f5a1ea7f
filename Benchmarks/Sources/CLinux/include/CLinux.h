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

/// Many writes with one system call (io_uring(7)), by one thread.
struct ovb_write_ring;

/// Of up to `depth` writes a call; NULL where the kernel has no such thing, or keeps it from this process.
struct ovb_write_ring *ovb_write_ring_open(unsigned int depth);
void ovb_write_ring_close(struct ovb_write_ring *ring);

/// Adds one write, whose octets stay until the flush; what it will return is lost. 0, or -errno if the ring was full and
/// could not be flushed.
int ovb_write_ring_add(struct ovb_write_ring *ring, int descriptor, const void *octets, unsigned int count);

/// Has all of them done, in their order if the descriptor does not block. 0 or -errno.
int ovb_write_ring_flush(struct ovb_write_ring *ring);

#endif
