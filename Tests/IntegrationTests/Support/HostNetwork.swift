import Foundation
import VmnetWire

/// The host's side of a test: a namespace with a DNS server that `/etc/resolv.conf` names, a web server on loopback, and
/// an address that stands for the Internet, because guests reach it only through the NAT.
///
/// `openvmnet` runs in it, so what a test sees does not depend on the machine's own network.
final class HostNetwork: Sendable {
    /// A name that only this DNS server knows.
    static let probeName = "probe.openvmnet.test"
    static let probeAddress = "203.0.113.7"
    /// The address that stands for the Internet (RFC 5737, TEST-NET-3).
    static let internetAddress = IPv4Address(bits: 0xcb00_7101)
    /// The size of what guests download and upload: 64 MiB.
    static let blobByteCount = 64 << 20

    let namespace: Namespace
    /// The web servers' folder.
    let web: String
    /// Of the file that the web server calls /blob, in hexadecimal.
    let blobSHA256: String
    private let folder: TemporaryFolder
    private let servers: [Child]

    init() async throws {
        let folder = try TemporaryFolder()
        let namespace = try await Namespace()
        let web = folder("web")
        let upload = web + "/cgi-bin/upload"
        try FileManager.default.createDirectory(atPath: web + "/cgi-bin", withIntermediateDirectories: true)
        try Data("#!/bin/sh\nprintf 'Content-Type: text/plain\\r\\n\\r\\n'\nexec sha256sum\n".utf8)
            .write(to: URL(fileURLWithPath: upload))
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: upload)
        try Data("nameserver 127.0.0.1\n".utf8).write(to: URL(fileURLWithPath: folder("resolv.conf")))
        try await namespace.run("mount", "--bind", folder("resolv.conf"), "/etc/resolv.conf")
        try await namespace.run("ip", "address", "add", "\(Self.internetAddress)/32", "dev", "lo")
        try await namespace.run("sh", "-c", "head -c \(Self.blobByteCount) /dev/urandom >\(web)/blob")
        blobSHA256 = String(try await namespace.run("sha256sum", web + "/blob").prefix(64))
        let busybox = GuestFiles.root + "/bin/busybox"
        servers = [
            try namespace.start([busybox, "httpd", "-f", "-p", "127.0.0.1:80", "-h", web]),
            try namespace.start([busybox, "httpd", "-f", "-p", "\(Self.internetAddress):8080", "-h", web]),
            try namespace.start([
                "dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null", "--user=root", "--group=", "--no-resolv",
                "--no-hosts", "--pid-file=", "--listen-address=127.0.0.1", "--bind-interfaces",
                "--address=/\(Self.probeName)/\(Self.probeAddress)",
            ]),
        ]
        self.namespace = namespace
        self.web = web
        self.folder = folder
        try await eventually("the host's servers", within: .seconds(10)) {
            let sockets = try await namespace.run("ss", "-Hlntu")
            return ["127.0.0.1:80 ", "\(Self.internetAddress):8080 ", "127.0.0.1:53 "].allSatisfy(sockets.contains)
        }
    }
}
