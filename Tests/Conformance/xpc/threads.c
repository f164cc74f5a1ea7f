// References are counted right when many threads take and give them back at once.
#include <string.h>

#include <vmnet/vmnet.h>

#include "../Support/expect.h"

enum { THREADS = 8, ROUNDS = 20000 };

int main(void) {
    alarm(3 * PATIENCE);
    xpc_object_t dictionary = xpc_dictionary_create_empty();
    xpc_dictionary_set_string(dictionary, "text", "shared by all");
    xpc_object_t text = xpc_dictionary_get_value(dictionary, "text");
    dispatch_apply(THREADS, dispatch_get_global_queue(DISPATCH_QUEUE_PRIORITY_DEFAULT, 0), ^(size_t thread) {
        xpc_object_t own = xpc_dictionary_create_empty();
        for (int round = 0; round < ROUNDS; round++) {
            xpc_retain(dictionary);
            xpc_dictionary_set_value(own, "text", text);
            xpc_dictionary_set_uint64(own, "thread", thread);
            EXPECT(strcmp(xpc_dictionary_get_string(own, "text"), "shared by all") == 0);
            EXPECT(strcmp(xpc_dictionary_get_string(dictionary, "text"), "shared by all") == 0);
            xpc_release(dictionary);
        }
        xpc_release(own);
    });
    EXPECT(strcmp(xpc_dictionary_get_string(dictionary, "text"), "shared by all") == 0);
    xpc_release(dictionary);
}
