#include "CLinux.h"
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

struct ovb_write_ring {
    struct io_uring ring;
    unsigned int queued;
};

struct ovb_write_ring *ovb_write_ring_open(unsigned int depth) {
    struct ovb_write_ring *self = calloc(1, sizeof *self);
    if (self && io_uring_queue_init(depth, &self->ring, 0) < 0) {
        free(self);
        return NULL;
    }
    return self;
}

void ovb_write_ring_close(struct ovb_write_ring *self) {
    io_uring_queue_exit(&self->ring);
    free(self);
}

int ovb_write_ring_flush(struct ovb_write_ring *self) {
    while (self->queued > 0) {
        int result = io_uring_submit_and_wait(&self->ring, self->queued);
        if (result < 0 && result != -EINTR)
            return result;
        unsigned int done = io_uring_cq_ready(&self->ring);
        io_uring_cq_advance(&self->ring, done);
        self->queued -= done;
    }
    return 0;
}

int ovb_write_ring_add(struct ovb_write_ring *self, int descriptor, const void *octets, unsigned int count) {
    struct io_uring_sqe *entry = io_uring_get_sqe(&self->ring);
    if (!entry) {
        int result = ovb_write_ring_flush(self);
        if (result < 0)
            return result;
        entry = io_uring_get_sqe(&self->ring);
    }
    io_uring_prep_write(entry, descriptor, octets, count, 0);
    self->queued++;
    return 0;
}
