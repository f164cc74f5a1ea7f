#ifndef ARGUMENTS_H
#define ARGUMENTS_H

/// What the helper is asked for.
struct request {
    /// Where the reply goes; 3 or more.
    int reply_socket;
    /// A name that an interface can have.
    const char *interface;
};

/// Understands `--fd N --ifname NAME`, and nothing else: ends the process with status 2.
struct request parse_arguments(int argument_count, char **arguments);

/// Says on standard error why there will be no reply, and ends the process with status 2.
_Noreturn void refuse_to_start(const char *reason);

#endif
