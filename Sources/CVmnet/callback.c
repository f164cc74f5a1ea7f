// A block and the queue that it is called on.
#include "callback.h"

#include <stdlib.h>

struct ovn_callback {
    dispatch_queue_t queue;
    void *block;
};

ovn_callback *ovn_callback_create(const void *block, dispatch_queue_t queue)
{
    const struct ovn_dispatch *dispatch = ovn_dispatch();
    if (!dispatch) return NULL;
    ovn_callback *callback = malloc(sizeof *callback);
    if (!callback) return NULL;
    dispatch->retain(queue);
    *callback = (ovn_callback){.queue = queue, .block = dispatch->copy_block(block)};
    return callback;
}

ovn_callback *ovn_callback_create_beside(const void *block, const ovn_callback *other)
{
    return ovn_callback_create(block, other->queue);
}

void ovn_callback_free(ovn_callback *callback)
{
    ovn_dispatch()->release_block(callback->block);
    ovn_dispatch()->release(callback->queue);
    free(callback);
}

void ovn_callback_schedule(
    const ovn_callback *callback, int64_t delay, void *context, void (*work)(void *context))
{
    const struct ovn_dispatch *dispatch = ovn_dispatch();
    if (delay == 0) {
        dispatch->async_f(callback->queue, context, work);
    } else {
        dispatch->after_f(dispatch->time(0, delay), callback->queue, context, work);
    }
}

void ovn_callback_call_start(const ovn_callback *callback, vmnet_return_t status, xpc_object_t parameters)
{
    ((vmnet_start_interface_completion_handler_t)callback->block)(status, parameters);
}

void ovn_callback_call_event(const ovn_callback *callback, interface_event_t mask, xpc_object_t event)
{
    ((vmnet_interface_event_callback_t)callback->block)(mask, event);
}

void ovn_callback_call_completion(const ovn_callback *callback, vmnet_return_t status)
{
    ((vmnet_interface_completion_handler_t)callback->block)(status);
}

void ovn_callback_call_rules(const ovn_callback *callback, xpc_object_t rules)
{
    ((vmnet_interface_get_port_forwarding_rules_handler_t)callback->block)(rules);
}
