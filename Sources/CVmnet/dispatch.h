// libdispatch and the blocks' runtime, as the program has them.
//
// A queue belongs to the library that made it, so blocks have to go to the same copy of libdispatch. libvmnet.so links
// none: whoever passes a queue has one loaded, where its functions are found by name. A program that only uses
// <openvmnet.h> needs none.
#ifndef OVN_DISPATCH_H
#define OVN_DISPATCH_H

#include <stdbool.h>
#include <stdint.h>

#include <vmnet/vmnet.h>

struct ovn_dispatch {
    void (*retain)(void *object);
    void (*release)(void *object);
    void (*async_f)(dispatch_queue_t queue, void *context, void (*work)(void *context));
    void (*after_f)(uint64_t when, dispatch_queue_t queue, void *context, void (*work)(void *context));
    uint64_t (*time)(uint64_t base, int64_t delta);
    void *(*copy_block)(const void *block);
    void (*release_block)(const void *block);
};

// The functions; NULL when the program has no libdispatch, and then it has no queue either.
const struct ovn_dispatch *ovn_dispatch(void);

#endif
