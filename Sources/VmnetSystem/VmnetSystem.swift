// VmnetSystem: what the Linux kernel offers, as owned values and typed errors.
//
// Owns:   descriptors (one owner each, closed when it goes), epoll sets, signals, Unix sockets and the passing of
//         descriptors over them, packet sockets, TAP interfaces, child processes, atomic files and locks, rtnetlink,
//         namespaces, and what a service manager and its services say to each other.
// Never:  knows a frame, an address plan or a guest; retries what would block; starts a thread; prints.
// Called: by everything that does I/O. A failed call throws `SystemError`, which names what was tried; EINTR is
//         retried; "would block" is a value, never an error.
//
// Every unsafe call to C stands here, in small files, so that the targets above have next to none.
