/*
 * <fcntl.h>, for programs written for macOS: the system's, and the flags that lock a file when it is opened, which do
 * nothing here. A program that needs the lock takes it with flock(2).
 */
#ifndef OPENVMNET_COMPAT_FCNTL_H
#define OPENVMNET_COMPAT_FCNTL_H

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wgnu-include-next"
#endif
#include_next <fcntl.h>
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

#ifndef O_SHLOCK
#define O_SHLOCK 0
#endif
#ifndef O_EXLOCK
#define O_EXLOCK 0
#endif

#endif
