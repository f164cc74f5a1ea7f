#ifndef INHERITANCE_H
#define INHERITANCE_H

/// Leaves nothing of the environment for anybody to read.
void forget_environment(void);

/// Opens /dev/null where a standard stream is closed: otherwise what is opened next would be one.
void open_missing_streams(void);

/// Closes what else was inherited; ends the process when it cannot.
void close_all_but_streams_and(int descriptor);

#endif
