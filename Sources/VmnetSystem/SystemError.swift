package import SystemPackage

/// A system call that failed: what was tried, and what the kernel said.
///
/// Prints as a sentence: `cannot open /dev/net/tun: Permission denied (add yourself to the group that owns it)`.
package struct SystemError: Error, Equatable, Sendable {
    /// What was tried, as it reads after "cannot": `bind the socket /run/net.sock`.
    package let operation: String
    package let errno: Errno
    /// What the person can do about it.
    package let remedy: String?

    package init(_ operation: String, _ errno: Errno, remedy: String? = nil) {
        self.operation = operation
        self.errno = errno
        self.remedy = remedy
    }
}

extension SystemError: CustomStringConvertible {
    package var description: String {
        let sentence = "cannot \(operation): \(errno)"
        guard let remedy else { return sentence }
        return "\(sentence) (\(remedy))"
    }
}
