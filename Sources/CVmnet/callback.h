// A block and the queue that it is called on, as seam.h shows it to Swift.
#ifndef OVN_CALLBACK_H
#define OVN_CALLBACK_H

#include "dispatch.h"
#include "seam.h"

// Copies the block and retains the queue. NULL without memory, or without libdispatch.
ovn_callback *ovn_callback_create(const void *block, dispatch_queue_t queue);

// The same on the queue of another one.
ovn_callback *ovn_callback_create_beside(const void *block, const ovn_callback *other);

#endif
