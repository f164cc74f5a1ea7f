import Glibc

/// Interfaces of the host's namespace.
enum Interface {
    static func exists(_ name: String) -> Bool {
        // Safety: the string lives for the call.
        unsafe if_nametoindex(name) != 0
    }
}
