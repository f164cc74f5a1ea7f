#ifndef TRUSTED_FILE_H
#define TRUSTED_FILE_H

#include "CBridge.h"

/// Why a file is not read.
enum distrust {
    DISTRUST_NONE,
    /// There is none.
    DISTRUST_MISSING,
    /// This user may not read it.
    DISTRUST_UNREADABLE,
    /// It, or a directory on its path, belongs to somebody else than root, can be written by others, or is no plain file
    /// or directory but, say, a symbolic link.
    DISTRUST_NOT_ROOTS,
    /// It has more bytes than there is room for.
    DISTRUST_TOO_LONG,
    DISTRUST_FAILED,
};

/// Reads a file that root alone can have written, with the rights of the user.
///
/// - path: absolute, without empty components, "." and "..".
/// - text: its bytes, in `room`.
enum distrust read_trusted_file(struct ovn_text path, char *room, size_t room_byte_count, struct ovn_text *text);

#endif
