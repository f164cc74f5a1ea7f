// libmicrohttpd, found through pkg-config (Debian: libmicrohttpd-dev), and the calls of it that Swift cannot make: one has
// a variable number of arguments, the others return unions.
#ifndef OPENVMNET_MICROHTTPD_SHIM_H
#define OPENVMNET_MICROHTTPD_SHIM_H

#include <microhttpd.h>

/// A daemon without a listening socket and without a thread: connections are given to it by `MHD_add_connection`, and it
/// does something when `MHD_run` is called.
static inline struct MHD_Daemon *ovn_http_start(
    MHD_AccessHandlerCallback handler, MHD_RequestCompletedCallback completed, void *context,
    unsigned int most_connections, size_t bytes_per_connection, unsigned int idle_seconds)
{
    return MHD_start_daemon(
        MHD_USE_EPOLL | MHD_USE_NO_LISTEN_SOCKET, 0, NULL, NULL, handler, context,
        MHD_OPTION_NOTIFY_COMPLETED, completed, context,
        MHD_OPTION_CONNECTION_LIMIT, most_connections,
        MHD_OPTION_CONNECTION_MEMORY_LIMIT, bytes_per_connection,
        MHD_OPTION_CONNECTION_TIMEOUT, idle_seconds,
        MHD_OPTION_END);
}

/// The daemon's epoll set; -1 when it has none.
static inline int ovn_http_epoll(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_EPOLL_FD);
    return info ? info->epoll_fd : -1;
}

/// Connections that are open.
static inline unsigned int ovn_http_connections(struct MHD_Daemon *daemon)
{
    const union MHD_DaemonInfo *info = MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_CURRENT_CONNECTIONS);
    return info ? info->num_connections : 0;
}

#endif
