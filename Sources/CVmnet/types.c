// The types of xpc values, whose addresses tell them apart.
#include <xpc/xpc.h>

#define TYPE(name) const struct _xpc_type_s _xpc_type_##name = {#name}

TYPE(array);
TYPE(bool);
TYPE(data);
TYPE(dictionary);
TYPE(int64);
TYPE(null);
TYPE(string);
TYPE(uint64);
TYPE(uuid);
