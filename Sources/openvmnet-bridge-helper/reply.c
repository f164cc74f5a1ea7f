#define _GNU_SOURCE 1

#include "reply.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/// Whether a name of a Unix socket is no name: the family alone.
static bool is_unnamed(int descriptor, int (*name)(int, struct sockaddr *, socklen_t *)) {
    struct sockaddr_un address;
    socklen_t length = sizeof address;
    return name(descriptor, (struct sockaddr *)&address, &length) == 0 && address.sun_family == AF_UNIX
        && length == sizeof(sa_family_t);
}

static int socket_number(int descriptor, int option) {
    int value = -1;
    socklen_t length = sizeof value;
    return getsockopt(descriptor, SOL_SOCKET, option, &value, &length) == 0 ? value : -1;
}

static int own_name(int descriptor, struct sockaddr *address, socklen_t *length) {
    return getsockname(descriptor, address, length);
}

static int peer_name(int descriptor, struct sockaddr *address, socklen_t *length) {
    return getpeername(descriptor, address, length);
}

void check_reply_socket(int descriptor) {
    struct ucred peer;
    socklen_t length = sizeof peer;
    // Both ends of a pair are without a name; of a connection through a path or an abstract name one end has it.
    if (socket_number(descriptor, SO_DOMAIN) != AF_UNIX || socket_number(descriptor, SO_TYPE) != SOCK_SEQPACKET
        || !is_unnamed(descriptor, own_name) || !is_unnamed(descriptor, peer_name)
        || getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) != 0 || peer.uid != getuid()) {
        refuse_to_start("the descriptor is not one end of a SOCK_SEQPACKET socket pair of yours");
    }
}

/// Sends one record. Never waits, and never raises SIGPIPE: the other end may be anything.
static void send_reply(int socket, const char *bytes, size_t length, const int *descriptor) {
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(sizeof(int))];
    } control = {0};
    struct iovec vector = {(void *)bytes, length};
    struct msghdr message = {.msg_iov = &vector, .msg_iovlen = 1};
    if (descriptor) {
        message.msg_control = &control;
        message.msg_controllen = sizeof control;
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(sizeof(int));
        memcpy(CMSG_DATA(&control.header), descriptor, sizeof(int));
    }
    if (sendmsg(socket, &message, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) refuse_to_start("it cannot reply");
}

void reply_with_descriptor(const struct request *request, int descriptor) {
    char bytes[OVN_BRIDGE_REPLY_BYTE_COUNT] = {OVN_BRIDGE_OPENED, 0};
    size_t length = strlen(request->interface);
    memcpy(bytes + 2, request->interface, length);
    send_reply(request->reply_socket, bytes, 2 + length, &descriptor);
}

_Noreturn void refuse(
    const struct request *request, enum ovn_bridge_status status, int error, const char *format, ...) {
    // With room for the zero that vsnprintf writes.
    char bytes[OVN_BRIDGE_REPLY_BYTE_COUNT + 1] = {(char)status, (char)error};
    va_list values;
    va_start(values, format);
    int wanted = vsnprintf(bytes + 2, OVN_BRIDGE_TEXT_BYTE_COUNT + 1, format, values);
    va_end(values);
    size_t length = wanted < 0 ? 0 : (size_t)wanted;
    if (length > OVN_BRIDGE_TEXT_BYTE_COUNT) length = OVN_BRIDGE_TEXT_BYTE_COUNT;
    send_reply(request->reply_socket, bytes, 2 + length, NULL);
    _exit(1);
}
