import CGuest
import Glibc
import OpenVmnet
import Synchronization

/// One byte to an echo server on the host and back, beside libslirp alone as C programs drive it.
func measureRoundTrips(_ count: Int, rounds: Int) throws -> [Figure] {
    let service = try Service(echoes: true)
    var (nat, polled, bare): ([Double], [Double], [Double]) = ([], [], [])
    for _ in 0..<rounds {
        bare.append(try bareRoundTrips(count, to: service))
        nat.append(try roundTrips(count, to: service))
        polled.append(try polledRoundTrips(count, to: service))
    }
    func text(_ values: [Double]) -> String { Figure.number(median(values), 1) + " us" }
    return [
        Figure(name: "round trip of a byte, libslirp alone, driven from C", value: text(bare)),
        Figure(name: "round trip of a byte through the NAT, event handler", value: text(nat)),
        Figure(name: "  of libslirp alone", value: Figure.number(median(nat) / median(bare), 2), target: "<= 1.50"),
        Figure(name: "round trip of a byte through the NAT, poll(2)", value: text(polled)),
        Figure(name: "  of libslirp alone", value: Figure.number(median(polled) / median(bare), 2)),
    ]
}

/// Microseconds of each, where a C program drives libslirp.
func bareRoundTrips(_ count: Int, to service: Service) throws -> Double {
    let nanoseconds = bare_round_trips(service.port, Int32(count))
    guard nanoseconds > 0 else { throw Failure("libslirp alone has no connection") }
    return Double(nanoseconds) / Double(count) / 1000
}

/// Microseconds of each, where the event handler answers.
func roundTrips(_ count: Int, to service: Service) throws -> Double {
    let guest = try ProgramGuest(on: runningNetwork(), to: service.port)
    let remaining = Atomic(count)
    let isOver = OneTimeEvent()
    let start = ContinuousClock.now
    guest.interface.setEventHandler { _ in
        do {
            guard try guest.read() > 0 else { return }
            if remaining.subtract(1, ordering: .relaxed).newValue > 0 {
                try guest.send(1)
            } else {
                isOver.signal()
            }
        } catch {
            fatalError("\(error)")
        }
    }
    try guest.send(1)
    isOver.wait()
    let microseconds = (ContinuousClock.now - start).seconds * 1e6 / Double(count)
    guest.interface.stop()
    return microseconds
}

/// The same where one thread sends and waits for the descriptor.
private func polledRoundTrips(_ count: Int, to service: Service) throws -> Double {
    let guest = try ProgramGuest(on: runningNetwork(), to: service.port)
    let descriptor = try guest.interface.descriptor
    let start = ContinuousClock.now
    for _ in 0..<count {
        try guest.send(1)
        while try guest.read() == 0 {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Safety: one request.
            unsafe poll(&request, 1, 1000)
        }
    }
    return (ContinuousClock.now - start).seconds * 1e6 / Double(count)
}
