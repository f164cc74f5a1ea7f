import Logging
import SystemPackage
import VmnetPorts
import VmnetSystem

/// Guests that stay while one process ends and the next begins.
extension NetworkState {
    /// Attaches the guests whose descriptors a predecessor left, and lets go of those that cannot be gone on with.
    ///
    /// - Returns: those of the points that have their guest again.
    mutating func resume(
        _ passed: [PassedDescriptors.Item], _ handover: Handover, listening points: [AttachmentPoint]
    ) -> Set<AttachmentPoint> {
        var resumed: Set<AttachmentPoint> = []
        for item in passed {
            let point = points.first { GuestStore.name(of: $0.address) == item.name }
            do {
                try resume(item, handover[item.name], at: point)
                if let point { resumed.insert(point) }
            } catch {
                store?.remove(item.name)
                logger.warning("a guest has to attach again: \(error)", metadata: ["stored": "\(item.name)"])
            }
        }
        return resumed
    }

    private mutating func resume(
        _ item: PassedDescriptors.Item, _ remainder: TransportRemainder?, at point: AttachmentPoint?
    ) throws {
        // Nobody knows how much of a frame a process has read or written that was killed.
        let isStream = (try? Socket.kind(of: item.number)) == .stream
        if isStream, remainder == nil {
            _ = Descriptor(owning: item.number)
            throw SystemError("go on with a stream", .connectionAbort, remedy: "its last daemon was killed")
        }
        if GuestStore.isOwnTap(item.name), point == nil {
            _ = Descriptor(owning: item.number)
            throw SystemError("keep a TAP interface", .noSuchAddressOrDevice, remedy: "no --listen tap:NAME wants it")
        }
        let transport = try InheritedDescriptor.transport(
            item.number, buffers: buffers, resuming: remainder ?? TransportRemainder())
        try attach(
            transport, origin: point?.address.description ?? item.name,
            isIsolated: point?.isIsolated ?? GuestStore.isIsolated(item.name), storedAs: item.name)
    }

    /// Leaves the guests to a successor: their descriptors stay with the service manager, and a file says where their streams
    /// are cut.
    mutating func leaveGuests() {
        guard let store else { return }
        var handover = Handover()
        for attachment in attachments.all {
            guard let name = attachment.storedName, let remainder = attachment.port.transport.remainder() else {
                continue
            }
            handover[name] = remainder
            attachment.storedName = nil
        }
        do throws(SystemError) {
            try handover.write(store.handoverPath)
        } catch {
            logger.warning("guests have to attach again after a restart: \(error)")
        }
    }
}
