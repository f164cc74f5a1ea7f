#include "CBridge.h"

#include <string.h>

static bool is_space(char byte) { return byte == ' ' || byte == '\t' || byte == '\r'; }

static bool equals(struct ovn_text text, const char *other) {
    return text.length == strlen(other) && memcmp(text.start, other, text.length) == 0;
}

/// Cuts what comes before the first `end` off the text, and the `end` too.
static struct ovn_text take_until(struct ovn_text *text, char end) {
    const char *found = text->length ? memchr(text->start, end, text->length) : NULL;
    struct ovn_text taken = {text->start, found ? (size_t)(found - text->start) : text->length};
    size_t used = found ? taken.length + 1 : taken.length;
    text->start += used;
    text->length -= used;
    return taken;
}

/// The next word of a line; empty at its end.
static struct ovn_text take_word(struct ovn_text *line) {
    while (line->length && is_space(*line->start)) {
        line->start++;
        line->length--;
    }
    struct ovn_text word = {line->start, 0};
    while (word.length < line->length && !is_space(word.start[word.length])) word.length++;
    line->start += word.length;
    line->length -= word.length;
    return word;
}

/// Decimal, with nothing around it; -1 as an unsigned number is nobody's.
static bool parse_number(struct ovn_text text, uint32_t *number) {
    uint64_t value = 0;
    if (!text.length || text.length > 10) return false;
    for (size_t index = 0; index < text.length; index++) {
        if (text.start[index] < '0' || text.start[index] > '9') return false;
        value = value * 10 + (uint64_t)(text.start[index] - '0');
    }
    *number = (uint32_t)value;
    return value < UINT32_MAX;
}

/// Looks a name up in passwd(5) or group(5), whose lines both begin with NAME:PASSWORD:NUMBER: .
static bool find_number(struct ovn_text accounts, struct ovn_text name, uint32_t *number) {
    while (accounts.length) {
        struct ovn_text line = take_until(&accounts, '\n');
        struct ovn_text known = take_until(&line, ':');
        if (known.length != name.length || memcmp(known.start, name.start, name.length) != 0) continue;
        take_until(&line, ':');
        return parse_number(take_until(&line, ':'), number);
    }
    return false;
}

static bool starts_with(struct ovn_text text, const char *prefix) {
    size_t length = strlen(prefix);
    return text.length > length && memcmp(text.start, prefix, length) == 0;
}

/// Whether a word names the user or one of the groups. Sets what is wrong with it, if anything is.
static bool names(struct ovn_text word, const struct ovn_policy_request *request, const char **fault) {
    bool is_user = starts_with(word, "user:");
    if (!is_user && !starts_with(word, "group:")) {
        *fault = "is neither user:NAME nor group:NAME";
        return false;
    }
    struct ovn_text name = word;
    take_until(&name, ':');
    uint32_t number;
    if (!parse_number(name, &number)
        && !find_number(is_user ? request->user_names : request->group_names, name, &number)) {
        *fault = is_user ? "is not a user in /etc/passwd: write the number" : "is not a group in /etc/group: write the number";
        return false;
    }
    if (is_user) return number == request->user;
    for (size_t index = 0; index < request->group_count; index++) {
        if (request->groups[index] == number) return true;
    }
    return false;
}

/// Whether the rest of the line concerns whoever asks. It is read to its end, so that nothing wrong goes unnoticed.
static bool concerns(
    struct ovn_text line, const struct ovn_policy_request *request, struct ovn_policy_reader *reader) {
    bool is_concerned = false;
    bool is_for_everybody = true;
    for (struct ovn_text word = take_word(&line); word.length; word = take_word(&line)) {
        is_for_everybody = false;
        reader->word = word;
        if (names(word, request, &reader->fault)) is_concerned = true;
        if (reader->fault) return false;
    }
    return is_concerned || is_for_everybody;
}

static enum ovn_policy_stop fault(struct ovn_policy_reader *reader, struct ovn_text word, const char *what) {
    reader->word = word;
    reader->fault = what;
    return OVN_POLICY_FAULT;
}

/// One line without its comment. OVN_POLICY_END stands for "read on".
static enum ovn_policy_stop read_line(
    struct ovn_policy_reader *reader, struct ovn_text line, const struct ovn_policy_request *request,
    struct ovn_policy_verdict *verdict) {
    struct ovn_text whole = line;
    struct ovn_text verb = take_word(&line);
    if (!verb.length) return OVN_POLICY_END;
    struct ovn_text operand = take_word(&line);
    if (equals(verb, "include")) {
        struct ovn_text path = operand;
        if (!path.length || *path.start != '/') return fault(reader, whole, "does not name an absolute path");
        if (take_word(&line).length) return fault(reader, whole, "has more than a path");
        reader->word = path;
        return OVN_POLICY_INCLUDE;
    }
    bool is_allow = equals(verb, "allow");
    if (!is_allow && !equals(verb, "deny")) return fault(reader, verb, "is none of allow, deny and include");
    if (!ovn_is_interface_name(operand)) return fault(reader, whole, "does not name an interface, or all");
    bool is_concerned = concerns(line, request, reader);
    if (reader->fault) return OVN_POLICY_FAULT;
    if (!is_concerned || !(equals(operand, "all") || equals(operand, request->interface))) return OVN_POLICY_END;
    if (is_allow) {
        verdict->is_allowed = true;
    } else {
        verdict->is_denied = true;
    }
    return OVN_POLICY_END;
}

enum ovn_policy_stop ovn_policy_read(
    struct ovn_policy_reader *reader, const struct ovn_policy_request *request, struct ovn_policy_verdict *verdict) {
    while (reader->rest.length) {
        struct ovn_text line = take_until(&reader->rest, '\n');
        reader->line++;
        enum ovn_policy_stop stop = read_line(reader, take_until(&line, '#'), request, verdict);
        if (stop != OVN_POLICY_END) return stop;
    }
    return OVN_POLICY_END;
}

bool ovn_is_interface_name(struct ovn_text name) {
    if (!name.length || name.length > 15 || equals(name, ".") || equals(name, "..")) return false;
    for (size_t index = 0; index < name.length; index++) {
        unsigned char byte = (unsigned char)name.start[index];
        if (byte <= ' ' || byte == 0x7f || byte == '/' || byte == ':') return false;
    }
    return true;
}
