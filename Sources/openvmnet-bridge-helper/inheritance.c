#define _GNU_SOURCE 1

#include "inheritance.h"

#include <fcntl.h>
#include <limits.h>
#include <stddef.h>
#include <unistd.h>

#include "arguments.h"

void forget_environment(void) { environ = NULL; }

void open_missing_streams(void) {
    for (int number = STDIN_FILENO; number <= STDERR_FILENO; number++) {
        // The lowest free number is this one.
        if (fcntl(number, F_GETFD) < 0 && open("/dev/null", O_RDWR) != number) _exit(2);
    }
}

void close_all_but_streams_and(int descriptor) {
    unsigned number = (unsigned)descriptor;
    if ((number > 3 && close_range(3, number - 1, 0) != 0) || close_range(number + 1, UINT_MAX, 0) != 0) {
        refuse_to_start("the kernel cannot close what was inherited: it is older than 5.9");
    }
}
