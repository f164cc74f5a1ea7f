// The other end of a guest's traffic, where busybox has no program for it. Endpoints are of IPv4: 192.0.2.1:80.
//
//   SocketPeer answer ENDPOINT...      answers every datagram with one as long, in which the port that answers stands first
//   SocketPeer ask BYTES ENDPOINT...   sends each of them a datagram from one port, and prints each answer that comes:
//                                      whose it is, the port that stands in it, and its length
//   SocketPeer probe ENDPOINT...       tries each with TCP and then with UDP, and prints what comes of it, and when
//   SocketPeer accept RATE ENDPOINT    takes one connection, and copies what comes to its output, RATE bytes a second
//   SocketPeer connect RATE ENDPOINT   the same, but opens the connection
//   SocketPeer echo ENDPOINT           serves clients, sending back what they send
//   SocketPeer clients COUNT TIMES ENDPOINT
//                                      COUNT clients of such a server at once, TIMES times over; prints how many failed
//   SocketPeer bridge PROGRAM ...      asks openvmnet-bridge-helper for a packet socket, and prints what comes of it
//   SocketPeer bridge-bare PROGRAM ... the same, without standard streams for the program
//
// `accept` and `connect` end with a line on standard error: how often they had to wait for more than 50 ms, and how long at most.
import Glibc

private func print(_ line: String, to descriptor: Int32) {
    // Safety: the string lives for the call, and `write` reads no further than its length.
    _ = unsafe line.withCString { unsafe write(descriptor, $0, line.utf8.count) }
}

private func fail(_ message: some CustomStringConvertible) -> Never {
    print("SocketPeer: \(message)\n", to: STDERR_FILENO)
    exit(1)
}

let arguments = CommandLine.arguments
do {
    switch (arguments.dropFirst().first, arguments.count) {
    case ("answer", 3...):
        let servers = try arguments[2...].map { name throws(Failure) in try DatagramSocket(at: Endpoint(name)) }
        print("ready\n", to: STDOUT_FILENO)
        try DatagramSocket.answer(servers)
    case ("ask", 4...):
        let servers = try arguments[3...].map { name throws(Failure) in try Endpoint(name) }
        let socket = try DatagramSocket()
        for server in servers { try socket.send([UInt8](repeating: 0x5a, count: Int(arguments[2]) ?? 0), to: server) }
        for _ in servers {
            guard let (answer, server) = try socket.receive(within: 5000), answer.count >= 2 else { fail("no answer") }
            print("\(server) \(Int(answer[0]) << 8 | Int(answer[1])) \(answer.count)\n", to: STDOUT_FILENO)
        }
    case ("probe", 3...):
        for name in arguments[2...] {
            for kind in Probe.Kind.allCases {
                print("\(try Probe(kind: kind, peer: Endpoint(name)).report())\n", to: STDOUT_FILENO)
            }
        }
    case ("accept", 4), ("connect", 4):
        guard let rate = Double(arguments[2]) else { fail("no rate: \(arguments[2])") }
        let endpoint = try Endpoint(arguments[3])
        let waits = try PacedReader(arguments[1] == "accept" ? .accept(at: endpoint) : .connect(to: endpoint), rate)
            .copy()
        print("\(waits.count) long waits, \(waits.longest) ms at most\n", to: STDERR_FILENO)
    case ("echo", 3):
        let server = try StreamEcho(at: Endpoint(arguments[2]))
        print("ready\n", to: STDOUT_FILENO)
        server.serve()
    case ("clients", 5):
        guard let count = Int(arguments[2]), let times = Int(arguments[3]) else { fail("no number") }
        let clients = StreamClients(server: try Endpoint(arguments[4]))
        print("\((0..<times).reduce(0) { sum, _ in sum + clients.run(count) }) failed\n", to: STDOUT_FILENO)
    case ("bridge", 3...), ("bridge-bare", 3...):
        let client = BridgeClient(
            program: arguments[2], arguments: Array(arguments[3...]), withoutStreams: arguments[1] == "bridge-bare")
        print("\(try client.report())\n", to: STDOUT_FILENO)
    default: fail("usage: SocketPeer answer|ask|probe|accept|connect|echo|clients|bridge|bridge-bare ...")
    }
} catch {
    fail(error)
}
