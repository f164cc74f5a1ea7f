// The seam between the C files, which know blocks and dispatch queues, and VmnetC, which knows everything else.
#ifndef OVN_SEAM_H
#define OVN_SEAM_H

#include <time.h>

#include <vmnet/vmnet.h>

// ---- A block and the queue that it is called on: written in C ----

/// Holds the block, copied, and the queue, retained.
typedef struct ovn_callback ovn_callback;

/// Ends it. Not from one of its own calls on a queue that nobody else holds.
void ovn_callback_free(ovn_callback *callback);

/// Has `work` called on the queue, once `delay` nanoseconds have passed. The callback has to live until then.
void ovn_callback_schedule(
    const ovn_callback *callback, int64_t delay, void *context, void (*work)(void *context));

/// Calls the block, on this thread. Each is for blocks of one type.
void ovn_callback_call_start(const ovn_callback *callback, vmnet_return_t status, xpc_object_t parameters);
void ovn_callback_call_event(const ovn_callback *callback, interface_event_t mask, xpc_object_t event);
void ovn_callback_call_completion(const ovn_callback *callback, vmnet_return_t status);
void ovn_callback_call_rules(const ovn_callback *callback, xpc_object_t rules);

// ---- The functions with blocks, after their arguments were checked for NULL: written in Swift, which takes over the
// callback, also with an error. `network` may be NULL, and a callback that is a handler. ----

interface_ref ovn_vmnet_start(vmnet_network_ref network, xpc_object_t interface_desc, ovn_callback *completion);
vmnet_return_t ovn_vmnet_set_event_callback(
    interface_ref interface, interface_event_t event_mask, ovn_callback *callback);
vmnet_return_t ovn_vmnet_stop(interface_ref interface, ovn_callback *completion);
vmnet_return_t ovn_vmnet_add_forward(
    interface_ref interface, uint8_t protocol, uint16_t external_port, uint8_t address_family,
    const void *internal_address, uint16_t internal_port, ovn_callback *handler);
vmnet_return_t ovn_vmnet_remove_forward(
    interface_ref interface, uint8_t protocol, uint16_t external_port, uint8_t address_family, ovn_callback *handler);
vmnet_return_t ovn_vmnet_get_forwards(interface_ref interface, uint8_t address_family, ovn_callback *handler);

/// The callback that the interface was started with, whose queue others without one share.
const ovn_callback *ovn_vmnet_start_callback(interface_ref interface);

// ---- The thread that called a function, which has returned: written in C ----

struct ovn_calling_thread {
    pid_t thread;
    clockid_t clock;
    /// Of the processor by then, in nanoseconds.
    int64_t used_time;
};

/// Notes where the calling thread is, shortly before the function returns.
struct ovn_calling_thread ovn_calling_thread_mark(void);

/// Whether the thread has had the processor long enough since to be beyond the return, or waits, or is gone:
/// what the program does with the result has then been done. A thread that has to wait for a processor has not.
bool ovn_calling_thread_has_gone_on(struct ovn_calling_thread mark);

// ---- Loops over collections: written in Swift ----

typedef bool (*ovn_xpc_dictionary_applier)(void *context, const char *key, xpc_object_t value);
typedef bool (*ovn_xpc_array_applier)(void *context, size_t index, xpc_object_t value);

bool ovn_xpc_dictionary_apply(xpc_object_t dictionary, void *context, ovn_xpc_dictionary_applier applier);
bool ovn_xpc_array_apply(xpc_object_t array, void *context, ovn_xpc_array_applier applier);

// ---- The text of ovn_error_message: written in C, because Swift has no thread-local variables ----

/// Keeps the text for the calling thread, cut to what there is room for.
void ovn_error_set_message(const char *text);

// ---- Addresses, which Swift cannot take of constants ----

static inline xpc_type_t ovn_xpc_type_array(void) { return XPC_TYPE_ARRAY; }
static inline xpc_type_t ovn_xpc_type_bool(void) { return XPC_TYPE_BOOL; }
static inline xpc_type_t ovn_xpc_type_data(void) { return XPC_TYPE_DATA; }
static inline xpc_type_t ovn_xpc_type_dictionary(void) { return XPC_TYPE_DICTIONARY; }
static inline xpc_type_t ovn_xpc_type_int64(void) { return XPC_TYPE_INT64; }
static inline xpc_type_t ovn_xpc_type_null(void) { return XPC_TYPE_NULL; }
static inline xpc_type_t ovn_xpc_type_string(void) { return XPC_TYPE_STRING; }
static inline xpc_type_t ovn_xpc_type_uint64(void) { return XPC_TYPE_UINT64; }
static inline xpc_type_t ovn_xpc_type_uuid(void) { return XPC_TYPE_UUID; }

#endif
