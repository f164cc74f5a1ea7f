import SystemPackage
import VmnetSwitch
import VmnetSystem
import VmnetWire

/// What the network says about the guest's datagrams.
extension UDPEngine {
    /// Errors that are read from one socket at a time.
    private static let errorBatch = 16

    /// Passes on the errors that wait at a flow's socket.
    mutating func passErrors(_ slot: Int) {
        let descriptor = flows[slot].descriptor
        for _ in 0..<Self.errorBatch {
            guard let error = buffers.errors.next(descriptor) else {
                // What is left is the mark that one has been, which any call would take for its own failure.
                return DatagramSocket.clearError(descriptor)
            }
            pass(error, slot)
        }
    }

    private mutating func pass(_ error: DatagramError, _ slot: Int) {
        guard let destination = known(error.destination, slot),
            let report = GuestErrorReport(error, isIPv4: flows[slot].isGuestIPv4),
            errorLimit.take(now: now.nanoseconds)
        else { return }
        let offender = guestAddress(ofOffender: error.offender, slot, instead: destination)
        let quoted = buffers.errors.withQuote(error) { [UInt8](copying: $0) }
        deliver(report, from: offender, about: destination, quoting: quoted.span, slot)
    }

    /// Tells the guest that this host did not let its datagram go.
    mutating func passLocalError(
        _ slot: Int, _ error: Errno, about record: DatagramStaging.Record, quoting payload: Span<UInt8>
    ) {
        guard let destination = known(record.peer, slot),
            let report = GuestErrorReport(error, isIPv4: flows[slot].isGuestIPv4),
            errorLimit.take(now: now.nanoseconds)
        else { return }
        let offender = guestAddress(ofOffender: nil, slot, instead: destination)
        deliver(report, from: offender, about: destination, quoting: payload, slot)
    }

    /// Who the guest is told it is from: the router itself, or for what this host says the gateway.
    private func guestAddress(
        ofOffender offender: InternetEndpoint?, _ slot: Int, instead destination: InternetEndpoint
    ) -> IPv6Address {
        let isIPv4 = flows[slot].isGuestIPv4
        if flows[slot].path == .outside, let offender, offender.isIPv4 == isIPv4,
            offender.address != .loopback(isIPv4: isIPv4), !offender.address.isLinkLocal
        {
            return offender.address
        }
        return addresses.address(of: flows[slot].path, isIPv4: isIPv4) ?? destination.address
    }

    private mutating func deliver(
        _ report: GuestErrorReport, from offender: IPv6Address, about destination: InternetEndpoint,
        quoting payload: Span<UInt8>, _ slot: Int
    ) {
        let guest = InternetEndpoint(flows[slot].key.source, flows[slot].key.sourcePort)
        let ethernet = EthernetHeader(
            destination: flows[slot].station, source: gatewayMAC, type: guest.isIPv4 ? .ipv4 : .ipv6)
        let frame = report.frame(
            ethernet, from: offender, aboutDatagramFrom: guest, to: destination, quoting: payload)
        counters.errors += 1
        if output(frame.span, .none, .ordinary) != nil { counters.refusedByPort += 1 }
    }
}
