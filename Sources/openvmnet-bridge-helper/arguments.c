#include "arguments.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "CBridge.h"

static const char usage[] =
    "it is started by openvmnet, with one end of a socket pair at N: openvmnet-bridge-helper --fd N --ifname NAME";

static void write_text(const char *text) {
    // There is nobody to tell when it fails.
    if (write(STDERR_FILENO, text, strlen(text)) < 0) return;
}

_Noreturn void refuse_to_start(const char *reason) {
    write_text("openvmnet-bridge-helper: ");
    write_text(reason);
    write_text("\n");
    _exit(2);
}

/// A descriptor's number beyond the standard streams; plain digits.
static int parse_descriptor(const char *text) {
    size_t length = strlen(text);
    if (length == 0 || length > 6 || strspn(text, "0123456789") != length) refuse_to_start(usage);
    int number = atoi(text);
    if (number <= STDERR_FILENO) refuse_to_start("descriptors 0 to 2 are the standard streams");
    return number;
}

struct request parse_arguments(int argument_count, char **arguments) {
    if (argument_count != 5 || strcmp(arguments[1], "--fd") != 0 || strcmp(arguments[3], "--ifname") != 0) {
        refuse_to_start(usage);
    }
    struct request request = {parse_descriptor(arguments[2]), arguments[4]};
    struct ovn_text name = {request.interface, strlen(request.interface)};
    if (!ovn_is_interface_name(name)) refuse_to_start("no interface can have that name");
    return request;
}
