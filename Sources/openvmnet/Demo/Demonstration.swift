import Glibc
import Logging
import OpenVmnet
import Synchronization
import VmnetControl
import VmnetSystem

/// One run of the demo: the network, its guest, the server, and what comes of them.
struct Demonstration {
    private let byteCount: Int
    private let logger: Logger
    private var transcript: DemoTranscript
    private var result = DemoResult()

    /// No step of the guest is without a report for as long as this.
    private static let patience = HTTPConnection.timeout + .seconds(5)

    init(byteCount: Int, style: DemoTranscript.Style, logger: Logger) {
        self.byteCount = byteCount
        self.logger = logger
        transcript = DemoTranscript(style: style, byteCount: byteCount)
    }

    /// The figures, with the first thing that went wrong among them.
    mutating func run(recipes: Recipes) -> DemoResult {
        do {
            try perform()
        } catch let error as VmnetError {
            result.fail(error.message, hint: error.hint)
        } catch let error as SystemError {
            result.fail("cannot \(error.operation): \(error.errno)", hint: error.remedy)
        } catch {
            result.fail("\(error)", hint: nil)
        }
        result.judge()
        transcript.showEnd(of: result, recipes: recipes)
        return result
    }

    private mutating func perform() throws {
        let network = try Network(
            configuration: NetworkConfiguration(name: "demo"), stateDirectory: nil, logger: logger)
        try network.start()
        defer { network.stop() }
        if let host = network.host {
            result.subnet = "\(host.subnet)"
            transcript.showOpening(subnet: "\(host.subnet)", gateway: "\(host.address)", mtu: network.mtu)
        }

        let server = try DemoServer(byteCount: byteCount)
        let serving = try SystemThread(name: "demo-server") { server.run() }
        // Beside the rest and behind it: nice(2) is the calling thread's on Linux.
        let expected = Mutex<String?>(nil)
        let hashing = try SystemThread(name: "demo-digest") { [byteCount] in
            _ = nice(19)
            var payload = DemoPayload(byteCount: byteCount)
            let digest = payload.sha256()
            expected.withLock { $0 = digest }
        }
        let outcome = Result { try runGuest(on: network, port: server.port) }
        server.stop()
        serving.join()
        hashing.join()
        result.expectedSHA256 = expected.withLock(\.self)
        try outcome.get()
    }

    private mutating func runGuest(on network: Network, port: UInt16) throws {
        let purpose = NamespaceGuest.Purpose.demo(port: port, byteCount: byteCount)
        let guest = try NamespaceGuest.start(purpose, mtu: network.mtu, mode: network.mode) { tap in
            try network.attach(tap, origin: "demo")
        }
        for warning in guest.warnings { transcript.show(.warned(warning)) }
        take(.leased(guest.lease))
        while let report = try guest.nextReport(within: Self.patience) { take(report) }
        _ = try guest.process.wait()
    }

    private mutating func take(_ report: GuestReport) {
        result.record(report)
        transcript.show(report)
    }
}
