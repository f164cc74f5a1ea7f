import Foundation

/// The programs of this package that the tests start.
enum Programs {
    /// The daemon and command line under test: `OPENVMNET_BINARY`, else the one built beside the tests.
    static let openvmnet = ProcessInfo.processInfo.environment["OPENVMNET_BINARY"] ?? beside("openvmnet")
    /// Where everything was installed, `OPENVMNET_PREFIX`; nil when nothing was.
    static let prefix = ProcessInfo.processInfo.environment["OPENVMNET_PREFIX"]
    /// The program that opens packet sockets for users: the installed one, else the one built beside the tests.
    static let bridgeHelper =
        prefix.map { "\($0)/libexec/openvmnet/openvmnet-bridge-helper" } ?? beside("openvmnet-bridge-helper")
    /// The TAP guest, from Tests/TAPGuest.
    static let tapGuest = beside("TAPGuest") ?? "TAPGuest"
    /// A guest through the library, from Tests/JoinedGuest.
    static let joinedGuest = beside("JoinedGuest") ?? "JoinedGuest"
    /// Servers and clients, from Tests/SocketPeer.
    static let socketPeer = beside("SocketPeer") ?? "SocketPeer"

    /// The example, from Sources/Examples/SmallEmulator.
    static let smallEmulator = beside("SmallEmulator") ?? "SmallEmulator"

    private static func beside(_ name: String) -> String? {
        let path = buildFolder.appendingPathComponent(name).path
        return FileManager.default.isExecutableFile(atPath: path) ? path : nil
    }

    /// The folder of the test bundle, which is the running program here.
    private static let buildFolder = URL(
        fileURLWithPath: (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? "/"
    ).deletingLastPathComponent()
}

/// What `.ci/install tests` prepares for guests.
enum GuestFiles {
    private static let folder =
        ProcessInfo.processInfo.environment["OPENVMNET_GUESTS"]
        ?? packageFolder.appendingPathComponent(".build/guests").path

    /// A root file system with busybox; its init is a shell on the console (Tests/IntegrationTests/Guest/init).
    static let root = folder + "/root"
    /// The same, packed, with the modules of `kernel`.
    static let initramfs = folder + "/initramfs.gz"
    /// Debian's kernel for virtual machines.
    static let kernel = folder + "/kernel"
    /// QEMU with its vmnet networks, from Tests/Emulators/build-qemu.
    static let vmnetQEMU = packageFolder.appendingPathComponent(".build/emulators/qemu-system-x86_64").path
}

/// Where Package.swift is.
let packageFolder = URL(fileURLWithPath: #filePath)
    .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
