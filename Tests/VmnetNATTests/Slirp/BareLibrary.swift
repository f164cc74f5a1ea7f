import CSlirp
import Glibc
import VmnetSystem
import VmnetTesting
import VmnetWire

@testable import VmnetNAT

/// libslirp without the guards, for the controls: what our guards keep from it does harm.
extension Guest {
    /// Gives a frame to libslirp as the guest sent it.
    func sendBare(_ frame: [UInt8]) {
        nat.advance(to: now)
        nat.first.instance.input(frame.span)
    }

    /// Polls libslirp as its callers usually do: with whatever poll(2) says about the sockets it named.
    func pollBare() {
        // Safety: the NAT outlives the call; the events are poll(2)'s, by which libslirp's are named.
        unsafe slirp_pollfds_poll(
            nat.first.instance.slirp, 0,
            { slot, opaque in
                guard let opaque = unsafe opaque, slot >= 0 else { return 0 }
                let host = unsafe Unmanaged<SlirpHost>.fromOpaque(opaque).takeUnretainedValue()
                let socket = host.context.flows.sockets[Int(slot)]
                var events: Int16 = 0
                if socket.requested.contains(.readable) { events |= Int16(POLLIN) }
                if socket.requested.contains(.writable) { events |= Int16(POLLOUT) }
                var poll = pollfd(fd: socket.descriptor, events: events, revents: 0)
                _ = unsafe Glibc.poll(&poll, 1, 0)
                var result: Int32 = 0
                for (bit, name) in [
                    (POLLIN, SLIRP_POLL_IN), (POLLOUT, SLIRP_POLL_OUT), (POLLERR, SLIRP_POLL_ERR),
                    (POLLHUP, SLIRP_POLL_HUP),
                ] where poll.revents & Int16(bit) != 0 { result |= Int32(name) }
                return result
            }, Unmanaged.passUnretained(nat.first.host).toOpaque())
    }
}

extension GuestNAT {
    /// The first instance, which is the only one of a guest with few flows.
    var first: SlirpShard {
        guard let first = slirp.shards[0] else { preconditionFailure() }
        return first
    }
}
