import Glibc

/// Nanoseconds of CLOCK_MONOTONIC, which all processes of a machine share.
package func monotonicNanoseconds() -> Int {
    var now = timespec()
    // Safety: one timespec, which lives for the call.
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &now)
    return now.tv_sec * 1_000_000_000 + now.tv_nsec
}
