// VmnetDHCP: a DHCP server as a function of message and time, and the small client that asks one.
//
// Owns:   the server's decisions (RFC 2131), its configuration, the leases with the pool they come from, the text of
//         the lease file and of its journal, and the reply as a complete frame.
// Never:  does I/O, reads a clock, or logs: time is a parameter, changes and counters are taken by the caller, who
//         writes the changes down before the reply leaves.
// Called: by the network, once for each message to UDP port 67. The client is called by whoever configures a guest's
//         interface on its behalf.
//
// A message is hostile until proven otherwise: the work for one is bounded, and so is everything that is remembered.
