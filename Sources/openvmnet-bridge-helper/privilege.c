#define _GNU_SOURCE 1

#include "privilege.h"

#include <linux/capability.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "arguments.h"

static const uint32_t raw_sockets = UINT32_C(1) << CAP_NET_RAW;

/// Makes these the capabilities of the process, all of them among the first 32; none is inheritable.
static void set_capabilities(uint32_t permitted, uint32_t effective) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2] = {{effective, permitted, 0}, {0, 0, 0}};
    if (syscall(SYS_capset, &header, sets) != 0) refuse_to_start("it cannot give up its capabilities");
}

static uint32_t permitted_capabilities(void) {
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct sets[2];
    if (syscall(SYS_capget, &header, sets) != 0) refuse_to_start("it cannot read its capabilities");
    return sets[0].permitted;
}

static void check_users(void) {
    uid_t user, effective_user, saved_user;
    gid_t group, effective_group, saved_group;
    if (getresuid(&user, &effective_user, &saved_user) != 0 || getresgid(&group, &effective_group, &saved_group) != 0
        || user != effective_user || user != saved_user || group != effective_group || group != saved_group) {
        refuse_to_start("it is not to be setuid or setgid: chmod ug-s it, and setcap cap_net_raw+ep");
    }
}

struct privilege limit_privilege(void) {
    bool is_withheld = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1;
    uint32_t permitted = permitted_capabilities() & raw_sockets;
    set_capabilities(permitted, 0);
    if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        refuse_to_start("it cannot give up its privileges");
    }
    check_users();
    return (struct privilege){permitted != 0, is_withheld};
}

void raise_privilege(void) { set_capabilities(raw_sockets, raw_sockets); }

void drop_privilege(void) { set_capabilities(0, 0); }
