// VmnetNAT: the NAT of one guest. The only place that knows libslirp, and every guard that libslirp needs.
//
// Owns:   the engines of a guest (libslirp for TCP and ICMP, in as many instances as its flows need; one of our own for
//         UDP) and their host sockets' readiness (an epoll set of its own); the filter in front of them, the policy on
//         destinations, limits on flows, reassembly, the detour of DNS.
// Never:  lets a frame of the guest, a peer on the host or a full table abort, block or grow the process; starts a
//         thread; reads a clock (time is a parameter); talks to a port directly (frames leave through a closure).
// Called: by the network, with its lock held: `input` for each frame of the guest, `finishBatch` after a batch, `poll`
//         when `descriptor` is readable or `deadline` has passed.
//
// A frame's way in: GuestFilter says what it is, without state; GuestNAT chooses the engine for its protocol; FlowGuard
// admits it, against limits and the state of its flow; FrameEditor changes what must be changed; then libslirp sees it.
// The way out is SlirpHost.send, and GuestContext.deliver. A datagram goes from GuestNAT to UDPEngine, which stages it and
// sends it with the rest of its batch; what comes back is UDPEngine.receive's.
//
// Guard/   what may pass: filter, policy, limits, refusals.
// Frames/  frames put together, changed and made.
// Forwards/ what others begin, to a port of the guest.
// Flows/   what is known of each flow.
// Slirp/   libslirp as an engine; CSlirp is imported nowhere else.
// UDP/     datagrams, many at a time.
