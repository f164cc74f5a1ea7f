// VmnetWire: bytes <-> values for every header that crosses the network.
//
// Owns:   addresses and subnets, byte readers and writers, checksums, and one value type for each header:
//         Ethernet, ARP, IPv4, IPv6, UDP, TCP, ICMP, the virtio-net header, DHCP messages and their options; and how
//         frames are cut (SuperFrame, FragmentedPacket) and joined (Coalescer) where a link has no offload.
// Never:  does I/O, reads a clock, keeps state between calls (the coalescer does, from the first frame of a batch to its
//         last), or traps on what it is given.
// Called: by everybody. It imports nothing.
//
// A header is parsed once, at the edge, into a value that can only be valid: `init(parsing:)` checks the length
// first and then reads without failing; `write(to:)` cannot produce nonsense; the two round-trip.
//
// `@usableFromInline package` marks what every frame needs: the compiler inlines no other package declaration into the
// targets above, @inlinable or not, and derives no == that it could inline. Reading Ethernet, IPv4 and TCP takes about 110
// instructions with it and 320 without.
