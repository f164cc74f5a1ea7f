// The text of ovn_error_message: one for each thread, so that nobody's is changed by another.
#include <stdio.h>

#include "CVmnet.h"

static _Thread_local char message[512];

void ovn_error_set_message(const char *text) { snprintf(message, sizeof message, "%s", text); }

const char *ovn_error_message(void) { return message; }
