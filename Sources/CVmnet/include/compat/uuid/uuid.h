/*
 * <uuid/uuid.h>, for programs written for macOS: the system's (libuuid, uuid-dev) where it is installed, which has the
 * same functions, and the text form's type, which it lacks before util-linux 2.42.
 */
#ifndef OPENVMNET_COMPAT_UUID_H
#define OPENVMNET_COMPAT_UUID_H

#if defined(__clang__)
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wgnu-include-next"
#endif
#if __has_include_next(<uuid/uuid.h>)
#include_next <uuid/uuid.h>
#else
typedef unsigned char uuid_t[16];
#endif
#if defined(__clang__)
#pragma clang diagnostic pop
#endif

/* A UUID as uuid_unparse writes it: 36 characters and a NUL. */
typedef char uuid_string_t[37];

#endif
