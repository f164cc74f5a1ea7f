#ifndef PACKET_SOCKET_H
#define PACKET_SOCKET_H

#include "arguments.h"
#include "privilege.h"

/// A packet socket that is bound to the interface and will be bound to no other, with a filter that drops all frames until
/// its user attaches another. The privilege is gone then. Refuses when it cannot be.
int open_packet_socket(const struct request *request, struct privilege privilege);

#endif
