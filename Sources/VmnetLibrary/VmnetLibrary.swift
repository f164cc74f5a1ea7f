// VmnetLibrary: how libvmnet.so is linked; nothing else.
//
// It is a target of its own so that its flags (Package.swift) reach this library alone: the name that programs ask for at
// run time, exports.map, which shows the C interface and hides all the rest, and Swift's runtime linked in, so that a C
// program needs no Swift where it runs. libdispatch is the program's own: see dispatch.h.
