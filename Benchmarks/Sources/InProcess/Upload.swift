import Glibc
import OpenVmnet
import Synchronization
import VmnetSystem

/// What one thread sends through the NAT with TSO, beside what it sends over plain loopback TCP to the same service.
func measureUpload(seconds: Double, rounds: Int) throws -> [Figure] {
    let service = try Service(echoes: false)
    var (nat, loopback): ([Double], [Double]) = ([], [])
    for _ in 0..<rounds {
        loopback.append(try sendOverLoopback(to: service, seconds))
        nat.append(try sendThroughNAT(to: service, seconds))
    }
    let ratio = median(nat) / median(loopback)
    return [
        Figure(name: "loopback TCP, one thread", value: Figure.number(median(loopback), 2) + " Gbit/s"),
        Figure(name: "upload through the NAT with TSO, one thread", value: Figure.number(median(nat), 2) + " Gbit/s"),
        Figure(name: "  of loopback TCP", value: Figure.number(ratio, 2), target: ">= 0.80"),
    ]
}

/// In Gbit/s.
func sendOverLoopback(to service: Service, _ seconds: Double) throws -> Double {
    let socket = try BlockingSocket.connect(to: 0x7f00_0001, port: service.port, timeout: .seconds(5))
    let bytes = [UInt8](repeating: 7, count: 65_160)
    return try rate(of: service, seconds) { try socket.send(bytes.span) }
}

/// In Gbit/s.
func sendThroughNAT(to service: Service, _ seconds: Double) throws -> Double {
    let guest = try ProgramGuest(
        on: runningNetwork(), to: service.port, InterfaceConfiguration(enablesTSO: true, hasVirtioHeader: true))
    let descriptor = try guest.interface.descriptor
    // As Linux cuts them: whole segments of 1460 bytes.
    let longest = 44 * 1460
    return try rate(of: service, seconds) {
        if guest.room >= longest { try guest.send(longest) }
        if guest.interface.waitingPacketCount == 0, guest.room < longest {
            var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            // Safety: one request.
            unsafe poll(&request, 1, 1000)
        }
        _ = try guest.read()
    }
}

/// What reaches the service while `send` is called again and again, in Gbit/s.
private func rate(of service: Service, _ seconds: Double, _ send: () throws -> Void) throws -> Double {
    // The windows open first.
    let warm = ContinuousClock.now
    while (ContinuousClock.now - warm).seconds < 0.2 { try send() }
    let before = service.received.load(ordering: .relaxed)
    let start = ContinuousClock.now
    while (ContinuousClock.now - start).seconds < seconds { try send() }
    let count = service.received.load(ordering: .relaxed) - before
    return Double(count) * 8 / 1e9 / (ContinuousClock.now - start).seconds
}
