// openvmnet-bridge-helper: opens a packet socket on an interface for a user who may not, and whom
// /etc/openvmnet/bridge.conf allows it.
//
// Owns:   CAP_NET_RAW as a file capability, for one socket(2); it has no other privilege, and that one no longer.
// Never:  acts for an effective user (setuid), reads the environment, trusts what it inherits, allocates memory, loads a
//         library. It is linked statically, and in C: Swift's runtime looks at the environment before main.
// Called: by openvmnet, as `openvmnet-bridge-helper --fd N --ifname NAME`, with one end of a socket pair at N, on which
//         it replies (CBridge.h).
#include <stdlib.h>
#include <unistd.h>

#include "CBridge.h"
#include "arguments.h"
#include "inheritance.h"
#include "packet_socket.h"
#include "permission.h"
#include "privilege.h"
#include "reply.h"

int main(int argument_count, char **arguments) {
    forget_environment();
    open_missing_streams();
    struct privilege privilege = limit_privilege();
    struct request request = parse_arguments(argument_count, arguments);
    close_all_but_streams_and(request.reply_socket);
    check_reply_socket(request.reply_socket);
    check_permission(&request);
    reply_with_descriptor(&request, open_packet_socket(&request, privilege));
    return EXIT_SUCCESS;
}
