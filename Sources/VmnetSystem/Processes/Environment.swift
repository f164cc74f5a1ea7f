import Glibc

/// The environment that this process was started with.
package enum Environment {
    /// The variable's value; nil when it is not set.
    package static func value(_ name: String) -> String? {
        // Safety: nothing here changes the environment, so that the string stays while it is copied.
        guard let value = unsafe getenv(name) else { return nil }
        return unsafe String(cString: value)
    }

    /// All of it, as `NAME=value`.
    static var entries: [String] {
        var entries: [String] = []
        // Safety: an array of strings that ends with a null pointer.
        var next: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?> = unsafe environ
        while let entry = unsafe next.pointee {
            unsafe entries.append(String(cString: entry))
            unsafe next += 1
        }
        return entries
    }
}
