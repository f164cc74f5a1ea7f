/* What the thread sanitizer must be told of Swift's Mutex, whose slow paths are in a library that is not instrumented: whoever
   gets the lock there has seen all that was done under it. Linked in place of them, with --wrap: see `sanitize`. */

#include <stdbool.h>
#include <stdint.h>

/* <sanitizer/tsan_interface.h> */
void __tsan_acquire(void *address);
void __tsan_release(void *address);

#define SWIFT __attribute__((swiftcall))
#define SELF __attribute__((swift_context)) void *self
/* `real` or `wrap`, and a method of Synchronization._MutexHandle. */
#define SYMBOL(which, method) __asm__("__" which "_$s15Synchronization12_MutexHandleV" method)

SWIFT void real_lock(uint32_t thread, SELF) SYMBOL("real", "9_lockSlowyys6UInt32VF");
SWIFT bool real_try_lock(SELF) SYMBOL("real", "12_tryLockSlowSbyF");
SWIFT void real_unlock(SELF) SYMBOL("real", "11_unlockSlowyyF");
SWIFT void wrap_lock(uint32_t thread, SELF) SYMBOL("wrap", "9_lockSlowyys6UInt32VF");
SWIFT bool wrap_try_lock(SELF) SYMBOL("wrap", "12_tryLockSlowSbyF");
SWIFT void wrap_unlock(SELF) SYMBOL("wrap", "11_unlockSlowyyF");

SWIFT void wrap_lock(uint32_t thread, SELF) {
    real_lock(thread, self);
    __tsan_acquire(self);
}

SWIFT bool wrap_try_lock(SELF) {
    bool locked = real_try_lock(self);
    if (locked) __tsan_acquire(self);
    return locked;
}

SWIFT void wrap_unlock(SELF) {
    __tsan_release(self);
    real_unlock(self);
}
