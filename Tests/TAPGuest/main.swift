// A guest without a machine: `TAPGuest NAME KIND:PATH [MAC [LOSS [PAUSE]]]` makes the TAP interface NAME in the network
// namespace where it is started, and carries its frames to and from the socket at PATH, until either side is gone; with
// a PAUSE in milliseconds, it connects again after that, as often as need be. Of each direction, it loses every frame
// whose number is a multiple of LOSS; none when that is 0.
//
// It is a process and not a thread of the tests so that it can be stopped like a virtual machine (SIGSTOP), and so that
// it enters its namespace without privilege. One thread that blocks while the socket is full: that slows the interface
// down, as it does in a virtual machine.
import Glibc

private func dprint(_ descriptor: Int32, _ line: String) {
    // Safety: the string lives for the call, and `write` reads no further than its length.
    _ = unsafe line.withCString { unsafe write(descriptor, $0, line.utf8.count) }
}

private func fail(_ message: some CustomStringConvertible) -> Never {
    dprint(STDERR_FILENO, "TAPGuest: \(message)\n")
    exit(1)
}

let arguments = CommandLine.arguments
let parts = arguments.dropFirst(2).first?.split(separator: ":", maxSplits: 1).map(String.init) ?? []
guard parts.count == 2, let kind = SocketKind(rawValue: parts[0]) else {
    fail("usage: TAPGuest NAME KIND:PATH [MAC [LOSS [PAUSE]]]")
}
do {
    let socket = try UnixSocket(connectingTo: parts[1], kind)
    let tap = try TAP(name: arguments[1], address: arguments.count > 3 ? arguments[3] : nil)
    dprint(STDOUT_FILENO, "ready\n")
    let interval = arguments.count > 4 ? Int(arguments[4]) : nil
    let pause = arguments.count > 5 ? UInt32(arguments[5]) : nil
    var bridge = FrameBridge(tap: tap, socket: socket, lossInterval: interval)
    guard let pause else {
        try bridge.carryFrames()
        exit(0)
    }
    while true {
        try? bridge.carryFrames()
        var successor: UnixSocket?
        while successor == nil {
            usleep(pause * 1000)
            successor = try? UnixSocket(connectingTo: parts[1], kind)
        }
        if let successor { bridge = FrameBridge(tap: tap, socket: successor, lossInterval: interval) }
    }
} catch {
    fail(error)
}
