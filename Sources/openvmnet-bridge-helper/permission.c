#define _GNU_SOURCE 1

#include "permission.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "CBridge.h"
#include "reply.h"
#include "trusted_file.h"

static const char policy_path[] = "/etc/openvmnet/bridge.conf";

enum {
    MAXIMUM_DEPTH = 8,
    MAXIMUM_FILE_COUNT = 64,
    MAXIMUM_FILE_BYTE_COUNT = 64 << 10,
    MAXIMUM_ACCOUNTS_BYTE_COUNT = 4 << 20,
    MAXIMUM_GROUP_COUNT = 1 << 16,
};

/// Files that are open one within the other, and the names of users and groups.
static char policy_room[MAXIMUM_DEPTH][MAXIMUM_FILE_BYTE_COUNT];
static char user_room[MAXIMUM_ACCOUNTS_BYTE_COUNT];
static char group_room[MAXIMUM_ACCOUNTS_BYTE_COUNT];
static gid_t groups[1 + MAXIMUM_GROUP_COUNT];

/// What is read, and what it says so far.
struct inquiry {
    const struct request *request;
    struct ovn_policy_request policy;
    struct ovn_policy_verdict verdict;
    unsigned file_count;
};

static const char *description(enum distrust distrust) {
    switch (distrust) {
    case DISTRUST_NONE: break;
    case DISTRUST_MISSING: return "is not there";
    case DISTRUST_UNREADABLE: return "may not be read by you";
    case DISTRUST_NOT_ROOTS:
        return "has to be a file of root's that nobody else can write, and so do the directories on its path; links are "
               "not followed";
    case DISTRUST_TOO_LONG: return "has more than 65535 bytes";
    case DISTRUST_FAILED: break;
    }
    return "cannot be read";
}

static struct ovn_text text(const char *string) { return (struct ovn_text){string, strlen(string)}; }

static void read_policy(struct inquiry *inquiry, struct ovn_text path, unsigned depth);

/// An included file that the user may not read concerns others: rules for some can be kept from the rest.
static void include(struct inquiry *inquiry, struct ovn_text path, unsigned depth) {
    if (depth == MAXIMUM_DEPTH || inquiry->file_count == MAXIMUM_FILE_COUNT) {
        refuse(
            inquiry->request, OVN_BRIDGE_POLICY_UNUSABLE, 0, "%s includes too many files, or itself, at %.*s", policy_path,
            (int)path.length, path.start);
    }
    read_policy(inquiry, path, depth);
}

static void read_policy(struct inquiry *inquiry, struct ovn_text path, unsigned depth) {
    struct ovn_policy_reader reader = {0};
    enum distrust distrust = read_trusted_file(path, policy_room[depth], MAXIMUM_FILE_BYTE_COUNT, &reader.rest);
    inquiry->file_count++;
    if (distrust == DISTRUST_UNREADABLE && depth > 0) return;
    if (distrust == DISTRUST_MISSING && depth == 0) return;
    if (distrust != DISTRUST_NONE) {
        refuse(
            inquiry->request, OVN_BRIDGE_POLICY_UNUSABLE, 0, "%.*s %s", (int)path.length, path.start,
            description(distrust));
    }
    enum ovn_policy_stop stop;
    while ((stop = ovn_policy_read(&reader, &inquiry->policy, &inquiry->verdict)) == OVN_POLICY_INCLUDE) {
        include(inquiry, reader.word, depth + 1);
    }
    if (stop == OVN_POLICY_FAULT) {
        refuse(
            inquiry->request, OVN_BRIDGE_POLICY_UNUSABLE, 0, "in line %u of %.*s, '%.*s' %s", reader.line,
            (int)path.length, path.start, (int)reader.word.length, reader.word.start, reader.fault);
    }
}

/// The group of this process and the supplementary ones; the real ones, which are also the effective ones here.
static size_t read_groups(const struct request *request) {
    groups[0] = getgid();
    int count = getgroups(MAXIMUM_GROUP_COUNT, groups + 1);
    if (count < 0) refuse(request, OVN_BRIDGE_FAILED, errno, "read your groups");
    return 1 + (size_t)count;
}

/// Without the file no name is known, and a rule that has one is wrong.
static struct ovn_text read_names(const char *path, char *room) {
    struct ovn_text names = {0};
    return read_trusted_file(text(path), room, MAXIMUM_ACCOUNTS_BYTE_COUNT, &names) == DISTRUST_NONE
        ? names
        : (struct ovn_text){0};
}

void check_permission(const struct request *request) {
    struct inquiry inquiry = {
        .request = request,
        .policy = {
            .interface = request->interface,
            .user = getuid(),
            .groups = groups,
            .group_count = read_groups(request),
            .user_names = read_names("/etc/passwd", user_room),
            .group_names = read_names("/etc/group", group_room),
        },
    };
    read_policy(&inquiry, text(policy_path), 0);
    if (ovn_policy_grants(inquiry.verdict)) return;
    refuse(
        request, OVN_BRIDGE_NOT_ALLOWED, 0, "%s %s", policy_path,
        inquiry.verdict.is_denied ? "denies it to you" : "does not allow it to you");
}
