// What openvmnet and openvmnet-bridge-helper have in common: the policy of /etc/openvmnet/bridge.conf, and the helper's
// reply.
//
// Owns:   the grammar of the policy and the verdict on one request, as functions of text.
// Never:  does I/O, allocates, or reads anything but its arguments. In C because the helper is: a program with a
//         capability is to be small, and Swift's runtime looks at the environment before main.
// Called: by the helper; by tests and the fuzzer; the reply's numbers by whoever starts the helper.
#ifndef CBRIDGE_H
#define CBRIDGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// A piece of somebody else's memory; no zero at its end.
struct ovn_text {
    const char *start;
    size_t length;
};

/// Who asks for what.
struct ovn_policy_request {
    /// The interface's name, with a zero at its end.
    const char *interface;
    uint32_t user;
    /// The user's group and the supplementary ones.
    const uint32_t *groups;
    size_t group_count;
    /// The contents of /etc/passwd and /etc/group: names and their numbers.
    struct ovn_text user_names;
    struct ovn_text group_names;
};

/// What the lines that were read say of a request. Nothing is allowed that no line allows, and a `deny` is final, wherever
/// it stands.
struct ovn_policy_verdict {
    bool is_allowed;
    bool is_denied;
};

/// Reads a text by lines. Begin with the text as `rest`, and 0 for all else.
struct ovn_policy_reader {
    struct ovn_text rest;
    /// Of the line that was read last, from 1.
    unsigned line;
    /// The path to include, or the word that is wrong; part of the text.
    struct ovn_text word;
    /// What is wrong with the word, as it reads after it: "is not a user in /etc/passwd".
    const char *fault;
};

/// Why reading has stopped.
enum ovn_policy_stop {
    /// The text is at its end.
    OVN_POLICY_END,
    /// A file is to be included: `word` is its path. Reading goes on behind the line.
    OVN_POLICY_INCLUDE,
    /// A line is wrong: the whole policy counts for nothing, because the line might have been a `deny`.
    OVN_POLICY_FAULT,
};

/// Reads on, and adds what the lines say of the request to the verdict. A line is empty, or one of
///
///     allow INTERFACE|all [user:NAME|user:NUMBER|group:NAME|group:NUMBER]...
///     deny  INTERFACE|all [...]
///     include PATH
///
/// and may end with a comment, which begins with #. Without users and groups it concerns everybody, with them whoever is
/// one of the users or in one of the groups. PATH is absolute, and has no spaces.
enum ovn_policy_stop ovn_policy_read(
    struct ovn_policy_reader *reader, const struct ovn_policy_request *request, struct ovn_policy_verdict *verdict);

/// Whether the request is granted, once all is read.
static inline bool ovn_policy_grants(struct ovn_policy_verdict verdict) {
    return verdict.is_allowed && !verdict.is_denied;
}

/// Whether the kernel would take it for an interface's name (dev_valid_name): 1 to 15 bytes, none of them a slash, a
/// colon, a space or a control character, and neither "." nor "..".
bool ovn_is_interface_name(struct ovn_text name);

/// The helper's reply is one record on the socket that it was given: a byte of `enum ovn_bridge_status`, a byte for errno,
/// and up to 400 bytes of text for people, without a zero. With `OVN_BRIDGE_OPENED` comes the descriptor.
enum ovn_bridge_status {
    OVN_BRIDGE_OPENED,
    /// The policy does not allow it.
    OVN_BRIDGE_NOT_ALLOWED,
    /// The policy cannot be used; the text says why.
    OVN_BRIDGE_POLICY_UNUSABLE,
    /// The interface cannot be bridged, or there is none; the text says why.
    OVN_BRIDGE_UNSUITABLE,
    /// The helper has no CAP_NET_RAW here; the text may say why.
    OVN_BRIDGE_NO_CAPABILITY,
    /// A system call failed; the text names it.
    OVN_BRIDGE_FAILED,
};

enum {
    OVN_BRIDGE_TEXT_BYTE_COUNT = 400,
    OVN_BRIDGE_REPLY_BYTE_COUNT = 2 + OVN_BRIDGE_TEXT_BYTE_COUNT,
};

#endif
