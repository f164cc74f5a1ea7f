// What the comparison runs in guests and beside them. Written without Foundation, so that it starts at once.
//
//     probe echo PORT                               serve TCP and UDP until killed
//     probe tcp-rr|tcp-crr|udp-rr HOST PORT SECONDS
//     probe connections HOST PORT SECONDS CONCURRENCY
//     probe idle tcp|udp HOST PORT COUNT SECONDS    stays until its input ends
//     probe reach HOST PORT SECONDS
//     probe sink|source PORT SECONDS                one connection
//     probe datagram-sink PORT FLOW                 counts what one client sends
//     probe datagram-source PORT FLOW SECONDS       sends to the client that asks
//     probe datagrams-up HOST PORT FLOW SECONDS
//     probe datagrams-down HOST PORT FLOW
//     probe pump|joining-pump INTERFACE SOCKET      until the socket's other side goes
//
// Results are `name=value` words on one line.
import Glibc
import Probes

/// A line on standard output, at once.
func say(_ line: String) {
    // Safety: the string lives for the call, and `write` reads no further than its length.
    _ = unsafe line.withCString { unsafe write(STDOUT_FILENO, $0, line.utf8.count) }
    // Safety: one octet of a string that lives for the call.
    _ = unsafe write(STDOUT_FILENO, "\n", 1)
}

func fail(_ message: some CustomStringConvertible) -> Never {
    say("failed: \(message)")
    exit(1)
}

/// The operands behind the verb, read one after the other.
struct Operands {
    private var rest: ArraySlice<String>

    init() { rest = CommandLine.arguments.dropFirst() }

    mutating func text() -> String {
        guard let next = rest.popFirst() else { fail("an operand is missing") }
        return next
    }

    mutating func number<Value: LosslessStringConvertible>() -> Value {
        let word = text()
        guard let value = Value(word) else { fail("no number: \(word)") }
        return value
    }

    mutating func endpoint() -> Endpoint {
        let address = text()
        guard let endpoint = Endpoint(address, port: number()) else { fail("no address: \(address)") }
        return endpoint
    }
}

func waitForEndOfInput() {
    var octet: UInt8 = 0
    // Safety: one octet, which lives for the call.
    while unsafe read(STDIN_FILENO, &octet, 1) > 0 {}
}

/// As many descriptors as this process may have.
func raiseDescriptorLimit() {
    var limit = rlimit()
    // Safety: one rlimit, which lives for both calls.
    unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    limit.rlim_cur = limit.rlim_max
    unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
}

func say(_ arrival: DatagramStream.Arrival) {
    say(
        "rate=\(arrival.rate) received=\(arrival.tally.received) duplicates=\(arrival.tally.duplicates)"
            + " strangers=\(arrival.tally.strangers)")
}

func run(_ verb: String, _ operands: inout Operands) throws(SystemFailure) {
    switch verb {
    case "echo":
        var server = try EchoServer(port: operands.number())
        say("ready")
        server.serveForever()
    case "connections":
        let server = operands.endpoint()
        let seconds: Double = operands.number()
        var client = try ConnectionClient(to: server, concurrency: operands.number())
        let result = try client.measure(seconds: seconds)
        say("completed=\(result.completed) failed=\(result.failed)")
    case "idle":
        let kind: IPSocket.Kind = operands.text() == "udp" ? .udp : .tcp
        var flows = try IdleFlows(kind, to: operands.endpoint())
        let count: Int = operands.number()
        say("established=\(try flows.open(count, seconds: operands.number()))")
        waitForEndOfInput()
    case "reach":
        let server = operands.endpoint()
        guard let time = try firstAnswer(from: server, within: operands.number()) else { fail("no answer") }
        say("at=\(time)")
    case "datagram-sink":
        let stream = try DatagramStream(port: operands.number(), flow: operands.number())
        say("ready")
        say(try stream.receive())
    case "datagram-source":
        let stream = try DatagramStream(port: operands.number(), flow: operands.number())
        say("ready")
        try stream.waitForClient()
        say("sent=\(try stream.send(seconds: operands.number()))")
    case "datagrams-up":
        let stream = try DatagramStream(to: operands.endpoint(), flow: operands.number())
        say("sent=\(try stream.send(seconds: operands.number()))")
    case "datagrams-down":
        let stream = try DatagramStream(to: operands.endpoint(), flow: operands.number())
        try stream.ask()
        say(try stream.receive())
    case "pump", "joining-pump":
        let joinsSegments = verb == "joining-pump"
        let tap = try makeTAP(named: operands.text(), hasVirtioHeader: joinsSegments)
        let socket = try connectStream(to: operands.text())
        say("ready")
        var pump = FramePump(tap: tap, socket: socket, joinsSegments: joinsSegments)
        pump.carryFrames()
    default:
        if let direction = Bulk.Direction(rawValue: verb) {
            let bulk = try Bulk(port: operands.number())
            say("ready")
            say("bits=\(try bulk.measure(direction, seconds: operands.number()))")
        } else if let exchange = LatencyClient.Exchange(rawValue: verb) {
            let client = LatencyClient(exchange, with: operands.endpoint())
            let result = try client.measure(seconds: operands.number())
            say("median=\(result.median) p99=\(result.percentile99) count=\(result.count)")
        } else {
            fail("no probe \(verb)")
        }
    }
}

raiseDescriptorLimit()
var operands = Operands()
let verb = operands.text()
do { try run(verb, &operands) } catch { fail(error) }
