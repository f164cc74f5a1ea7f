// OpenVmnet: a network from a configuration, and guests on it.
//
// Owns:   the configuration with its checks, the network (its lock, its thread, its switch, DHCP server, guests' NATs and
//         uplink), and what it keeps between runs: leases, the reserved name and subnet.
// Never:  parses bytes, makes system calls of its own, or talks to a person: errors carry the sentence and the remedy.
// Called: by the command line, and by programs that link the library.
//
// It is the only target that knows all the others. One lock a network, taken once for each batch of frames.
