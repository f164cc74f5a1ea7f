import Glibc
import SystemPackage

/// Groups of users, as group(5) has them.
package enum UserGroup {
    /// The number of the group with this name, or with this number. Throws EINVAL when there is none.
    package static func number(of group: String) throws(SystemError) -> UInt32 {
        if let number = UInt32(group), number != .max { return number }
        // Safety: the string lives for the call, and the entry is read before another call can change it: the command line
        // asks once, before there is a second thread.
        guard let entry = unsafe getgrnam(group) else {
            throw SystemError(
                "find the group '\(group)'", .invalidArgument, remedy: "getent group lists those there are")
        }
        return unsafe entry.pointee.gr_gid
    }
}
