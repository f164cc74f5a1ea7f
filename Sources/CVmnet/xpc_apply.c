// <xpc/xpc.h>: the loops that take blocks.
#include "seam.h"

static bool apply_to_pair(void *context, const char *key, xpc_object_t value)
{
    return ((xpc_dictionary_applier_t)context)(key, value);
}

bool xpc_dictionary_apply(xpc_object_t dictionary, xpc_dictionary_applier_t applier)
{
    return ovn_xpc_dictionary_apply(dictionary, (void *)applier, apply_to_pair);
}

static bool apply_to_value(void *context, size_t index, xpc_object_t value)
{
    return ((xpc_array_applier_t)context)(index, value);
}

bool xpc_array_apply(xpc_object_t array, xpc_array_applier_t applier)
{
    return ovn_xpc_array_apply(array, (void *)applier, apply_to_value);
}
