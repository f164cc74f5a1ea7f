// Requests of a program to callgrind, under which it runs. They cost a few instructions and have no effect otherwise.

#ifndef CCALLGRIND_H
#define CCALLGRIND_H

#include <stdbool.h>
#include <valgrind/callgrind.h>

/// Whether the program runs under Valgrind.
static inline bool callgrind_is_running(void) { return RUNNING_ON_VALGRIND != 0; }

/// Forgets what was counted so far.
static inline void callgrind_zero(void) { CALLGRIND_ZERO_STATS; }

/// Writes what was counted since to a file of its own, in which `name` stands, and counts from zero again.
static inline void callgrind_dump(const char *name) { CALLGRIND_DUMP_STATS_AT(name); }

#endif
