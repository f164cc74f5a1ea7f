// What a conformance program says when a promise is broken: the place, the promise, and what came instead.
//
// A program that keeps quiet and exits with 0 has passed. Nothing here waits without a limit: a program that hangs is
// ended by its alarm.
#ifndef CONFORMANCE_EXPECT_H
#define CONFORMANCE_EXPECT_H

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

// Seconds after which something that should happen has not happened, also on a busy machine and under a sanitizer.
#define PATIENCE 20

// Ends the program unless the condition holds.
#define EXPECT(condition) ((condition) ? (void)0 : broken_promise(__FILE__, __LINE__, #condition))

// Ends the program, with both numbers, unless they are equal.
#define EXPECT_EQUAL(actual, expected) \
    expect_equal(__FILE__, __LINE__, #actual, (long long)(actual), (long long)(expected))

// Waits for the condition, which it looks at every millisecond, and ends the program when it does not come about.
#define EVENTUALLY(condition) \
    do { \
        double deadline = seconds() + PATIENCE; \
        while (!(condition)) { \
            if (seconds() > deadline) broken_promise(__FILE__, __LINE__, "in time: " #condition); \
            usleep(1000); \
        } \
    } while (0)

_Noreturn static inline void broken_promise(const char *file, int line, const char *promise) {
    fprintf(stderr, "%s:%d: not kept: %s\n", file, line, promise);
    _exit(1);
}

static inline void expect_equal(const char *file, int line, const char *what, long long actual, long long expected) {
    if (actual == expected) return;
    fprintf(stderr, "%s:%d: %s is %lld, not %lld\n", file, line, what, actual, expected);
    _exit(1);
}

// The clock, from any beginning.
static inline double seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

// Processor time that all threads of this process have used.
static inline double processor_seconds(void) {
    struct timespec used;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return (double)used.tv_sec + (double)used.tv_nsec / 1e9;
}

#endif
