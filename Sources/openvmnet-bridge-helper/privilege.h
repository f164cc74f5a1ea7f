#ifndef PRIVILEGE_H
#define PRIVILEGE_H

#include <stdbool.h>

/// What this process may do.
struct privilege {
    /// CAP_NET_RAW can be raised.
    bool has_raw_sockets;
    /// The kernel was told to give programs no privileges (PR_SET_NO_NEW_PRIVS), before this one was started.
    bool is_withheld;
};

/// Gives up every capability but CAP_NET_RAW, which is not in effect yet, and the way to any other. Ends the process if
/// it runs for an effective user or group, as a setuid program does: the policy is about whoever starts it.
struct privilege limit_privilege(void);

/// Puts CAP_NET_RAW into effect.
void raise_privilege(void);

/// Gives it up for good.
void drop_privilege(void);

#endif
