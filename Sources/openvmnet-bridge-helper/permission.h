#ifndef PERMISSION_H
#define PERMISSION_H

#include "arguments.h"

/// Refuses, unless the policy allows the interface to the real user, or to a group of this process.
void check_permission(const struct request *request);

#endif
