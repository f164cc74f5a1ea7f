import Foundation
import Glibc
import Testing

/// Something outside this package that a test cannot do without.
struct Requirement: Sendable {
    let isMet: @Sendable () -> Bool
    /// What to do about it, as a sentence's end: "install ...".
    let remedy: String

    private static func program(_ name: String, package: String) -> Requirement {
        Requirement(isMet: { findProgram(name) != nil }, remedy: "apt-get install \(package)")
    }

    static let openvmnet = Requirement(isMet: { Programs.openvmnet != nil }, remedy: "swift build")
    static let guestFiles = Requirement(
        isMet: { FileManager.default.fileExists(atPath: GuestFiles.initramfs) }, remedy: ".ci/install tests")
    static let root = Requirement(isMet: { geteuid() == 0 }, remedy: "run the tests as root")
    static let tunDevice = Requirement(
        isMet: {
            // The device is there for everyone (0666) on a desktop or server; a bare machine's root has to open it.
            // Safety: the paths live for the calls.
            if geteuid() == 0 { _ = unsafe chmod("/dev/net/tun", 0o666) }
            return unsafe access("/dev/net/tun", R_OK | W_OK) == 0
        }, remedy: "chmod 666 /dev/net/tun")
    static let namespaces = Requirement(
        isMet: { geteuid() == 0 || text(ofFile: "/proc/sys/user/max_user_namespaces") != "0\n" },
        remedy: "sysctl user.max_user_namespaces=10000")

    static let udhcpc = program("udhcpc", package: "udhcpc")
    static let dhclient = program("dhclient", package: "isc-dhcp-client")
    static let dhcpcd = program("dhcpcd", package: "dhcpcd-base")
    static let dnsmasq = program("dnsmasq", package: "dnsmasq-base")
    static let perfdhcp = program("perfdhcp", package: "kea-admin")
    static let setcap = program("setcap", package: "libcap2-bin")
    static let curl = program("curl", package: "curl")
    static let tcpdump = program("tcpdump", package: "tcpdump")
    static let tshark = program("tshark", package: "tshark")
    static let ethtool = program("ethtool", package: "ethtool")
    static let qemu = program("qemu-system-x86_64", package: "qemu-system-x86")
    static let vmnetQEMU = Requirement(
        isMet: { FileManager.default.isExecutableFile(atPath: GuestFiles.vmnetQEMU) },
        remedy: "Tests/Emulators/build-qemu PREFIX")
    static let installed = Requirement(
        isMet: { Programs.prefix != nil }, remedy: "Sources/Install/install --prefix DIR, and OPENVMNET_PREFIX=DIR")
    static let clang = program("clang", package: "clang")
    static let gcc = program("gcc", package: "gcc")
    static let pkgConfig = program("pkg-config", package: "pkg-config")
    static let systemd = program("systemd-socket-activate", package: "systemd")
    static let systemdAnalyze = program("systemd-analyze", package: "systemd")
    static let man = program("man", package: "man-db")
    static let mandoc = program("mandoc", package: "mandoc")
    static let userModeLinux = program("linux.uml", package: "user-mode-linux")
    static let ipxe = Requirement(
        isMet: { FileManager.default.fileExists(atPath: "/usr/lib/ipxe/qemu/pxe-virtio.rom") },
        remedy: "apt-get install ipxe-qemu")
}

extension Trait where Self == ConditionTrait {
    /// What a test needs besides `openvmnet` and network namespaces, which all do.
    static func needs(_ requirements: Requirement...) -> Self {
        let all = [.openvmnet, .namespaces, .tunDevice, .guestFiles, .dnsmasq] + requirements
        let missing = all.filter { !$0.isMet() }.map(\.remedy)
        return .enabled("to run it: \(missing.joined(separator: "; "))") {
            guard !missing.isEmpty else { return true }
            guard ProcessInfo.processInfo.environment["CI"] == nil else { throw Missing(remedies: missing) }
            return false
        }
    }
}

/// In CI nothing may be missing.
struct Missing: Error, CustomStringConvertible {
    let remedies: [String]
    var description: String { "something that the test needs is missing: \(remedies.joined(separator: "; "))" }
}

/// The path of a program, searched for as the tests' children do.
func findProgram(_ name: String) -> String? {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin") + ":/usr/sbin:/sbin"
    return folders.split(separator: ":").map { "\($0)/\(name)" }
        .first { FileManager.default.isExecutableFile(atPath: $0) }
}
