import Glibc
import VmnetSystem

enum Privilege {
    /// In CI the tests have to run.
    static var mayMakeInterfaces: Bool {
        if Environment.value("CI") == "true" { return true }
        // Safety: the string lives for the call.
        return unsafe access("/dev/net/tun", R_OK | W_OK) == 0 && geteuid() == 0
    }
}
