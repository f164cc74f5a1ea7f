import CSlirp
import VmnetWire

/// The functions libslirp calls, each of them a step into `SlirpHost`.
///
/// libslirp keeps a pointer to the table, so there is one for the process, never freed.
enum SlirpCallbacks {
    // Safety: written once, before anybody can read it; libslirp only reads it.
    nonisolated(unsafe) static let table: UnsafePointer<SlirpCb> = {
        let table = UnsafeMutablePointer<SlirpCb>.allocate(capacity: 1)
        unsafe table.initialize(to: makeTable())
        return unsafe UnsafePointer(table)
    }()

    /// Calls `body` with the host that libslirp was given as its opaque pointer.
    @inline(__always)
    private static func with<Result>(
        _ opaque: UnsafeMutableRawPointer?, else absent: Result, _ body: (SlirpHost) -> Result
    ) -> Result {
        guard let opaque = unsafe opaque else { return absent }
        // Safety: the instance keeps its host alive until slirp_cleanup has returned.
        return unsafe Unmanaged<SlirpHost>.fromOpaque(opaque)._withUnsafeGuaranteedRef { body($0) }
    }

    private static func makeTable() -> SlirpCb {
        var table = SlirpCb()
        unsafe table.send_packet = { bytes, count, opaque in
            // Safety: libslirp lends `count` bytes for the call.
            let frame = unsafe UnsafeRawBufferPointer(start: bytes, count: count)
            unsafe SlirpCallbacks.with(opaque, else: ()) { host in
                unsafe frame.withMemoryRebound(to: UInt8.self) { unsafe host.send($0.span) }
            }
            // A negative value would be logged for each frame.
            return count
        }
        unsafe table.guest_error = { message, _ in
            // Safety: a C string, lent for the call.
            SlirpLibrary.log.note(unsafe message.map { unsafe String(cString: $0) } ?? "")
        }
        unsafe table.clock_get_ns = { opaque in
            unsafe SlirpCallbacks.with(opaque, else: 1) { $0.context.now.nanoseconds }
        }
        unsafe table.register_poll_fd = { descriptor, opaque in
            unsafe SlirpCallbacks.with(opaque, else: ()) { $0.register(descriptor) }
        }
        unsafe table.unregister_poll_fd = { descriptor, opaque in
            unsafe SlirpCallbacks.with(opaque, else: ()) { $0.unregister(descriptor) }
        }
        // Something may be read again after the guest's acknowledgement: the fill after this batch finds out.
        unsafe table.notify = { _ in }
        unsafe table.timer_new_opaque = { _, _, opaque in
            // The router advertisement's is the only timer: any pointer will do as its name.
            unsafe opaque
        }
        unsafe table.timer_mod = { _, milliseconds, opaque in
            unsafe SlirpCallbacks.with(opaque, else: ()) { $0.scheduleAdvertisement(milliseconds: milliseconds) }
        }
        unsafe table.timer_free = { _, opaque in
            unsafe SlirpCallbacks.with(opaque, else: ()) { $0.state.advertisement = nil }
        }
        return table
    }

    /// Handed to `slirp_pollfds_fill`.
    static let addPoll: SlirpAddPollCb = { descriptor, events, opaque in
        var interest: SocketTable.Interest = []
        if events & Int32(SLIRP_POLL_IN) != 0 { interest.insert(.readable) }
        if events & Int32(SLIRP_POLL_OUT) != 0 { interest.insert(.writable) }
        return unsafe SlirpCallbacks.with(opaque, else: -1) { $0.want(interest, of: descriptor) }
    }

    /// Handed to `slirp_pollfds_fill` to learn which descriptor the door is. Nothing else has happened to anybody.
    static let findDoor: SlirpAddPollCb = { descriptor, _, opaque in
        unsafe SlirpCallbacks.with(opaque, else: -1) { $0.findDoor(descriptor) }
    }

    /// Handed to `slirp_pollfds_poll` to have it accept what stands at the door.
    static let knock: SlirpGetREventsCb = { index, _ in
        index == SlirpHost.doorIndex ? Int32(SLIRP_POLL_IN) : 0
    }

    /// Handed to `slirp_pollfds_poll`. Urgent data are not reported: they are read in their place among the others.
    static let readiness: SlirpGetREventsCb = { index, opaque in
        let interest = unsafe SlirpCallbacks.with(opaque, else: []) { $0.readiness(at: index) }
        return (interest.contains(.readable) ? Int32(SLIRP_POLL_IN) : 0)
            | (interest.contains(.writable) ? Int32(SLIRP_POLL_OUT) : 0)
    }
}
