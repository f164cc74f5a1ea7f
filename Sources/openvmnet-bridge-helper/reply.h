#ifndef REPLY_H
#define REPLY_H

#include "CBridge.h"
#include "arguments.h"

/// Ends the process unless the descriptor is one end of a pair of SOCK_SEQPACKET Unix sockets (socketpair(2)) that this
/// user has made: nobody else is to be served.
void check_reply_socket(int descriptor);

/// Replies with the descriptor, and a text that names the interface.
void reply_with_descriptor(const struct request *request, int descriptor);

/// Replies that it cannot be, and ends the process with status 1.
///
/// - error: errno, or 0.
/// - format: printf's; the text is cut to OVN_BRIDGE_TEXT_BYTE_COUNT.
_Noreturn void refuse(const struct request *request, enum ovn_bridge_status status, int error, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
