// VmnetSlirp: the NAT of one guest. The only place that knows libslirp, and every guard that libslirp needs.
//
// Owns:   a libslirp instance for each guest and its host sockets' readiness (an epoll set of its own); the filter in
//         front of `slirp_input`, the policy on destinations, limits on flows, reassembly, the detour of DNS.
// Never:  lets a frame of the guest, a peer on the host or a full table abort, block or grow the process; starts a
//         thread; reads a clock (time is a parameter); talks to a port directly (frames leave through a closure).
// Called: by the network, with its lock held: `input` for each frame of the guest, `finishBatch` after a batch, `poll`
//         when `descriptor` is readable or `deadline` has passed.
//
// A frame's way in: GuestFilter says what it is, without state; FlowGuard admits it, against limits and the state of its
// flow; FrameEditor changes what must be changed; then libslirp sees it. The way out is SlirpHost.send.
