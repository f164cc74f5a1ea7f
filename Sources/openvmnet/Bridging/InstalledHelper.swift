import SystemPackage
import VmnetSystem

/// Where openvmnet-bridge-helper is: with the program that runs, wherever that was installed or built. Neither PATH nor
/// another variable has a say in it.
enum InstalledHelper {
    private static let name = "openvmnet-bridge-helper"

    /// Throws EPERM, with what to do, where there is none.
    static func find(toBridge interface: String) throws(SystemError) -> BridgeHelper {
        let places = places(besides: File.linkTarget("/proc/self/exe") ?? "/usr/local/bin/openvmnet")
        guard let path = places.first(where: File.exists) else {
            throw SystemError(
                "bridge \(interface)", .notPermitted,
                remedy: "it needs CAP_NET_RAW, or \(name), which is not at \(places[0]): install it by "
                    + "Sources/Install/install")
        }
        return BridgeHelper(path: path)
    }

    /// - Parameter executable: the running program's path.
    static func places(besides executable: String) -> [String] {
        let folder = FilePath(executable).removingLastComponent()
        return [folder.removingLastComponent().appending("libexec/openvmnet/\(name)"), folder.appending(name)]
            .map(\.string)
    }
}
