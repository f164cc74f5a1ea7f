#define _GNU_SOURCE 1

#include "trusted_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static enum distrust distrust_of_error(int error) {
    switch (error) {
    case ENOENT: return DISTRUST_MISSING;
    case EACCES: return DISTRUST_UNREADABLE;
    // What O_NOFOLLOW and O_DIRECTORY make of a symbolic link.
    case ELOOP:
    case ENOTDIR: return DISTRUST_NOT_ROOTS;
    default: return DISTRUST_FAILED;
    }
}

/// Whether root alone can change what is behind the descriptor. A list of further rights (acl(5)) shows in the group's bits.
static bool is_roots(int descriptor, mode_t type) {
    struct stat status;
    return fstat(descriptor, &status) == 0 && (status.st_mode & S_IFMT) == type && status.st_uid == 0
        && (status.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

/// Cuts the next component off, and puts it, with a zero, where openat(2) wants it. False when there is none that is plain.
static bool take_component(struct ovn_text *path, char *name) {
    if (!path->length || *path->start != '/') return false;
    size_t length = 0;
    while (1 + length < path->length && path->start[1 + length] != '/') length++;
    if (!length || length > NAME_MAX || memchr(path->start + 1, 0, length)) return false;
    memcpy(name, path->start + 1, length);
    name[length] = 0;
    path->start += 1 + length;
    path->length -= 1 + length;
    return strcmp(name, ".") != 0 && strcmp(name, "..") != 0;
}

/// Opens a path one component at a time, so that nobody but root has a say in where it leads. Returns a descriptor, or -1.
static int open_trusted(struct ovn_text path, enum distrust *distrust) {
    char name[NAME_MAX + 1];
    int directory = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
    while (directory >= 0) {
        bool is_trusted = is_roots(directory, S_IFDIR) && take_component(&path, name);
        int next = -1;
        if (is_trusted) {
            next = path.length ? openat(directory, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
                               : openat(directory, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
        }
        *distrust = !is_trusted ? DISTRUST_NOT_ROOTS : next < 0 ? distrust_of_error(errno) : DISTRUST_NONE;
        close(directory);
        if (next >= 0 && !path.length) return next;
        directory = next;
    }
    return -1;
}

enum distrust read_trusted_file(struct ovn_text path, char *room, size_t room_byte_count, struct ovn_text *text) {
    enum distrust distrust = DISTRUST_FAILED;
    int file = open_trusted(path, &distrust);
    if (file < 0) return distrust;
    if (!is_roots(file, S_IFREG)) distrust = DISTRUST_NOT_ROOTS;
    size_t length = 0;
    while (distrust == DISTRUST_NONE) {
        if (length == room_byte_count) {
            distrust = DISTRUST_TOO_LONG;
            break;
        }
        ssize_t count = read(file, room + length, room_byte_count - length);
        if (count == 0) break;
        if (count > 0) {
            length += (size_t)count;
        } else if (errno != EINTR) {
            distrust = DISTRUST_FAILED;
        }
    }
    close(file);
    *text = (struct ovn_text){room, length};
    return distrust;
}
