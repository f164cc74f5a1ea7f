// What Swift's Glibc module lacks. No logic lives here.
#ifndef CLINUX_H
#define CLINUX_H

#include <linux/if_tun.h>
#include <sys/epoll.h>

#endif
