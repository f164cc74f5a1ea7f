// A guest of a network that another process runs: `JoinedGuest NETWORK NAME [ID]` makes the TAP interface NAME in the network
// namespace where it is started, and carries its packets to and from an interface of the library, as an emulator does.
//
// `JoinedGuest NETWORK --cycles COUNT` has so many interfaces come and go instead.
//
// NETWORK is a network's name, the path of its control socket, or its serialization. Prints `ready` and the MAC address.
import Glibc
import Logging
import OpenVmnet
import VmnetSystem
import VmnetWire

func say(_ line: String) {
    // Safety: the string lives for the call, and `write` reads no further than its length.
    _ = unsafe "\(line)\n".withCString { unsafe write(STDOUT_FILENO, $0, line.utf8.count + 1) }
}

private func fail(_ message: some CustomStringConvertible) -> Never {
    say("JoinedGuest: \(message)")
    exit(1)
}

let arguments = CommandLine.arguments
guard (3...4).contains(arguments.count) else { fail("usage: JoinedGuest NETWORK NAME [ID]") }
do {
    let logger = Logger(label: "joined") { StreamLogHandler.standardError(label: $0) }
    let network =
        arguments[1].hasPrefix("openvmnet:")
        ? try JoinedNetwork(serialization: arguments[1], logger: logger)
        : try JoinedNetwork(arguments[1], logger: logger)
    if arguments[2] == "--cycles" {
        try JoinCycles.run(arguments.count > 3 ? Int(arguments[3]) ?? 1 : 1, on: network)
        exit(0)
    }
    let id = arguments.count > 3 ? InterfaceID(arguments[3]) : nil
    let interface = try network.makeInterface(
        InterfaceConfiguration(id: id, enablesTSO: true, hasVirtioHeader: true))
    let tap = try TapInterface(creating: arguments[2], hasVirtioHeader: true)
    let control = try InterfaceControl()
    try control.setMACAddress(interface.parameters.macAddress.bits, of: arguments[2])
    try control.bringUp(arguments[2])
    say("ready \(interface.parameters.macAddress)")
    try PacketCarrier(tap, interface).run()
} catch {
    fail("\(error)")
}
