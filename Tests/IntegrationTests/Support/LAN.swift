import Foundation
import TAPGuest
import Testing

/// A physical network: the wire of the host's interface `up0`, and at its other end a kernel with an address, a DHCP
/// server and a web server, directly or behind a bridge of its own.
final class LAN: Sendable {
    /// How the other end takes the wire.
    enum Kind: Sendable {
        case veth, bridge
    }

    /// The other end's address (RFC 5737, TEST-NET-2).
    static let address = "198.51.100.1"
    static let interface = "up0"

    /// Where `openvmnet` runs.
    let host: Namespace
    /// The other end.
    let station: Namespace
    /// The interface of the other end that has the address.
    let stationInterface: String
    /// Of the file that the web server calls /blob, in hexadecimal.
    let blobSHA256: String
    let folder: TemporaryFolder
    private let kind: Kind
    private let servers: [Child]

    /// - Parameter pings: whether the DHCP server looks for three seconds if somebody has an address, as it does by default.
    init(_ kind: Kind = .veth, blobMiB: Int = 1, pings: Bool = false) async throws {
        let folder = try TemporaryFolder()
        let (host, station) = (try await Namespace(), try await Namespace())
        self.kind = kind
        stationInterface = kind == .veth ? "lan0" : "br0"
        let web = folder("web")
        let script = "#!/bin/sh\\nprintf \"Content-Type: text/plain\\\\r\\\\n\\\\r\\\\n\"\\nexec sha256sum\\n"
        try await station.run(
            "sh", "-c",
            """
            mkdir -p \(web)/cgi-bin && printf '\(script)' >\(web)/cgi-bin/upload && chmod 755 \(web)/cgi-bin/upload && \
            head -c \(blobMiB << 20) /dev/urandom >\(web)/blob
            """, within: .seconds(30))
        blobSHA256 = String(try await station.run("sha256sum", web + "/blob").prefix(64))
        try await Self.connect(host, station, kind)
        let busybox = GuestFiles.root + "/bin/busybox"
        servers = [
            try station.start([busybox, "httpd", "-f", "-p", "80", "-h", web]),
            try station.start([busybox, "httpd", "-f", "-p", "8080", "-h", web]),
            try station.start(
                [
                    "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=", "--port=0",
                    "--pid-file=", "--dhcp-leasefile=\(folder("dnsmasq.leases"))", "--interface=\(stationInterface)",
                    "--dhcp-range=198.51.100.10,198.51.100.99,1h",
                ] + (pings ? [] : ["--no-ping"])),
        ]
        (self.host, self.station, self.folder) = (host, station, folder)
        try await eventually("the servers", within: .seconds(10)) {
            let sockets = try await station.run("ss", "-Hlntu")
            return [":80 ", ":8080 ", ":67 "].allSatisfy(sockets.contains)
        }
    }

    /// Makes the wire; the first time, and again when the host's interface was deleted.
    private static func connect(_ host: Namespace, _ station: Namespace, _ kind: Kind) async throws {
        let bridge = """
            [ -e /sys/class/net/br0 ] || ip link add br0 type bridge
            ip link set lan0 master br0 && ip link set br0 up
            """
        let port = kind == .veth ? "lan0" : "br0"
        // The same address again, so that guests need not find out about another.
        try await host.run(
            "ip", "link", "add", interface, "type", "veth", "peer", "name", "lan0", "address", "00:16:3e:00:00:02")
        try await host.run("ip", "link", "set", "lan0", "netns", station.path)
        try await host.run("ip", "link", "set", interface, "up")
        try await station.run(
            "sh", "-c",
            """
            ip link set lan0 up
            \(kind == .veth ? "" : bridge)
            ip address replace \(address)/24 dev \(port)
            """)
    }

    /// Deletes the host's interface, and with it the wire.
    func cut() async throws {
        try await host.run("ip", "link", "delete", Self.interface)
    }

    func connectAgain() async throws {
        try await Self.connect(host, station, kind)
    }

    /// A running network on it.
    func serve(_ options: [String] = [], listening: [String]) async throws -> BridgedServe {
        try await BridgedServe(options, listening: listening, on: self)
    }
}

/// `openvmnet serve --mode bridged`.
final class BridgedServe: Sendable {
    /// What the line says that it prints when it is ready.
    struct Announcement: Decodable, Sendable {
        let mode: String
        let interface: String
        let mtu: Int
        let startAddress: String?

        private enum CodingKeys: String, CodingKey {
            case mode = "vmnet_operation_mode"
            case interface = "vmnet_shared_interface_name"
            case mtu = "vmnet_mtu"
            case startAddress = "vmnet_start_address"
        }
    }

    let child: Child
    let announcement: Announcement
    private let lan: LAN

    fileprivate init(_ options: [String], listening: [String], on lan: LAN) async throws {
        self.lan = lan
        child = try lan.host.start(
            [try #require(Programs.openvmnet), "serve", "--mode", "bridged", "--ifname", LAN.interface] + options
                + listening.flatMap { ["--listen", $0] },
            environment: Serve.environment(lan.folder))
        try await child.wait(for: "\n", within: .seconds(10))
        announcement = try JSONDecoder().decode(Announcement.self, from: Data(child.output.utf8))
    }

    /// Its interface to the physical network, as `openvmnet status` has it.
    func uplink() async throws -> Uplink {
        let status = try lan.host.start(
            [try #require(Programs.openvmnet), "status", "--json"], environment: Serve.environment(lan.folder))
        let result = try await status.result(within: .seconds(10))
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Status.self, from: Data(result.output.utf8)).uplink
    }

    struct Uplink: Decodable, Sendable {
        let state: String
        let mtu: Int
        let traffic: Traffic

        struct Traffic: Decodable, Sendable {
            let dropped: [String: Int]
        }
    }

    private struct Status: Decodable {
        let uplink: Uplink
    }

    func stop(sourceLocation: SourceLocation = #_sourceLocation) async throws {
        child.signal(15)
        let result = try await child.result(within: .seconds(10))
        #expect(result.exit == .status(0), "\(result.errors)", sourceLocation: sourceLocation)
    }
}
