// Finds the program's libdispatch: see dispatch.h.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

#include "dispatch.h"

static struct ovn_dispatch functions;
static bool is_complete;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static bool find(void *function, const char *name)
{
    void *address = dlsym(RTLD_DEFAULT, name);
    *(void **)function = address;
    return address != NULL;
}

static void find_all(void)
{
    is_complete = find(&functions.retain, "dispatch_retain") && find(&functions.release, "dispatch_release")
        && find(&functions.async_f, "dispatch_async_f") && find(&functions.after_f, "dispatch_after_f")
        && find(&functions.time, "dispatch_time") && find(&functions.copy_block, "_Block_copy")
        && find(&functions.release_block, "_Block_release");
}

const struct ovn_dispatch *ovn_dispatch(void)
{
    pthread_once(&once, find_all);
    return is_complete ? &functions : NULL;
}
