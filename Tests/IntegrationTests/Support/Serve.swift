import Foundation
import Glibc
import TAPGuest
import Testing

/// The line that `openvmnet serve` prints when it is ready.
struct Announcement: Decodable, Sendable {
    let mode: String
    let startAddress: String
    let endAddress: String
    let subnetMask: String
    let mtu: Int
    let maximumPacketSize: Int
    let interfaceID: String
    let listen: [String]
    /// The control socket's path.
    let control: String
    let forwards: [String]

    private enum CodingKeys: String, CodingKey {
        case mode = "vmnet_operation_mode"
        case startAddress = "vmnet_start_address"
        case endAddress = "vmnet_end_address"
        case subnetMask = "vmnet_subnet_mask"
        case mtu = "vmnet_mtu"
        case maximumPacketSize = "vmnet_max_packet_size"
        case interfaceID = "vmnet_interface_id"
        case listen
        case control
        case forwards
    }
}

/// A running `openvmnet serve`.
final class Serve: Sendable {
    /// The network that the tests use unless they say otherwise: the gateway .1, the guests .2 to .20.
    static let network = [
        "--netdev",
        "vmnet-shared,start-address=192.168.105.1,end-address=192.168.105.20,subnet-mask=255.255.255.0",
    ]

    let child: Child
    let announcement: Announcement
    let host: HostNetwork
    let folder: TemporaryFolder

    /// Starts it in `host` and waits for its line. Sockets, leases and the rest are in `folder`.
    ///
    /// - Parameters:
    ///   - prefix: a command that starts the daemon in its own place: `setpriv ...`.
    ///   - descriptors: become its 3, 4 and so on.
    init(
        _ options: [String] = network, listening kinds: [SocketKind] = SocketKind.allCases,
        on host: HostNetwork, in folder: TemporaryFolder, after prefix: [String] = [],
        program: String? = Programs.openvmnet,
        inheriting descriptors: [Int32] = []
    ) async throws {
        self.host = host
        self.folder = folder
        child = try host.namespace.start(
            prefix + [try #require(program), "serve"] + options
                + kinds.flatMap { ["--listen", "\($0.rawValue):\(folder("\($0.rawValue).sock"))"] },
            environment: Self.environment(folder), inheriting: descriptors)
        try await child.wait(for: "\n", within: .seconds(10))
        announcement = try JSONDecoder().decode(Announcement.self, from: Data(child.output.utf8))
    }

    /// Where everything of an `openvmnet` that runs with it is.
    static func environment(_ folder: TemporaryFolder) -> [String: String] {
        ["HOME": folder.path, "XDG_RUNTIME_DIR": folder.path, "XDG_STATE_HOME": folder("state")]
    }

    /// What it promises its guests.
    var promise: Promise { get throws { try Promise(of: self) } }

    /// The path of the socket of that kind.
    func socket(_ kind: SocketKind) -> String { folder("\(kind.rawValue).sock") }

    /// Ends it as a service manager does: the exit status is 0, and no socket is left.
    func stop(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        child.signal(SIGTERM)
        let result = try await child.result(within: .seconds(10))
        #expect(result.exit == .status(0), "\(result.errors)", sourceLocation: sourceLocation)
        let left = try FileManager.default.contentsOfDirectory(atPath: folder.path).filter { $0.hasSuffix(".sock") }
        #expect(left == [], sourceLocation: sourceLocation)
    }

    /// Ends it as a power failure does.
    func kill() async throws {
        child.signal(SIGKILL)
        _ = try await child.exit(within: .seconds(10))
    }
}
