// VmnetPorts: where frames enter and leave a network: one transport for each way of reaching a guest.
//
// Owns:   the guest's descriptor, the framing on it, and one bounded queue of frames for a guest that does not read.
// Never:  blocks, waits for a guest, decides where a frame goes, takes a lock or starts a thread.
// Called: by the network's loop, with the network's lock held: `receive` when a descriptor is readable, `enqueue` for
//         each frame that the switch sends there, `flush` once at the end of a batch and when a blocked guest reads.
//
// stream:PATH    Listener -> StreamPort       QEMU's framing: a 32-bit big-endian length before each frame
// dgram:PATH     DatagramServerPort           a frame is a datagram; one guest, found by the address it sends from
// bess:PATH      Listener -> SeqpacketPort    a frame is a record; User Mode Linux
// (uplink)       PacketPort                   the physical network of a bridged one, behind a packet socket
// (in process)   InProcessPort -> PacketRing  the program brings its packets itself, and reads those for it from the ring
// fd:N           InheritedDescriptor          whichever of the above the descriptor turns out to be, or TapPort
