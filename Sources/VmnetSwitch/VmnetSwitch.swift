// VmnetSwitch: pure forwarding decisions, and the seam that every entry and exit of a network implements.
//
// Owns:   the forwarding table, the verdict on a frame with its reason, counters, rate limits, and the `Port` protocol.
// Never:  moves a byte, does I/O, reads a clock (time is a parameter), or knows what stands behind a port.
// Called: by the network, once for each frame that enters; ports are implemented in VmnetPorts.
