// Whether a thread that called a function has gone on since: see seam.h.
#define _GNU_SOURCE
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "seam.h"

// Enough for the way out of a function, however slow the processor.
static const int64_t return_time = 50 * 1000;

static int64_t used_time(clockid_t clock)
{
    struct timespec time;
    // The clock of a thread that has ended is none.
    if (clock_gettime(clock, &time) != 0) return INT64_MAX;
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

// proc(5): the state follows the name, which may have anything in it, in parentheses.
static bool is_sleeping(pid_t thread)
{
    char path[64], text[256];
    snprintf(path, sizeof path, "/proc/self/task/%d/stat", (int)thread);
    FILE *file = fopen(path, "re");
    if (!file) return true;
    text[fread(text, 1, sizeof text - 1, file)] = 0;
    fclose(file);
    const char *name_end = strrchr(text, ')');
    return !name_end || strncmp(name_end, ") S", 3) == 0;
}

struct ovn_calling_thread ovn_calling_thread_mark(void)
{
    struct ovn_calling_thread mark = {.thread = gettid()};
    if (pthread_getcpuclockid(pthread_self(), &mark.clock) != 0) mark.clock = CLOCK_THREAD_CPUTIME_ID;
    mark.used_time = used_time(mark.clock);
    return mark;
}

bool ovn_calling_thread_has_gone_on(struct ovn_calling_thread mark)
{
    return used_time(mark.clock) >= mark.used_time + return_time || is_sleeping(mark.thread);
}
