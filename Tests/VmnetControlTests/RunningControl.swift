import Logging
import OpenVmnet
import VmnetControl
import VmnetSystem
import VmnetTesting

/// A network with its control server, stopped when it is released.
final class RunningControl {
    let network: Network
    let client: ControlClient
    /// The control socket's path.
    let path: String
    private let server: ControlServer
    private let directory: TemporaryDirectory

    convenience init() throws {
        try self.init(in: TemporaryDirectory())
    }

    /// With the same sockets as one that has stopped.
    convenience init(succeeding other: RunningControl) throws {
        try self.init(in: other.directory)
    }

    private init(in directory: TemporaryDirectory) throws {
        self.directory = directory
        var options = NetworkOptions()
        try options.set(.startAddress, to: "10.78.0.1")
        try options.set(.endAddress, to: "10.78.0.20")
        try options.set(.subnetMask, to: "255.255.255.0")
        network = try Network(
            configuration: NetworkConfiguration(options: options, name: "lab"), stateDirectory: nil,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        try network.start()
        path = directory.file("lab.control")
        server = try ControlServer(ControlledNetwork(network, listen: [], control: path))
        client = ControlClient(path: path)
    }

    deinit {
        server.stop()
        network.stop()
    }

    var attachPath: String { directory.file("lab.attach") }
    var files: [String] { directory.contents.sorted() }

    /// The path of a file beside the sockets.
    func file(_ name: String) -> String { directory.file(name) }

    func stop() { server.stop() }

    /// The response to a request that is sent as it is, up to the end of the connection.
    func exchange(_ request: String) throws -> String {
        let socket = try BlockingSocket.connect(.stream, to: path, timeout: .seconds(10))
        try socket.send(Array(request.utf8).span)
        var response: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while let count = try socket.receive(into: &buffer), count > 0 { response += buffer[..<count] }
        return String(decoding: response, as: UTF8.self)
    }
}
