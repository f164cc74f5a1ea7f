import Glibc

/// What the kernel lets one process have.
package enum ResourceLimit {
    /// Raises the number of descriptors that this process may have open to what its user may ask for (RLIMIT_NOFILE,
    /// soft to hard), and returns it. Programs it starts inherit it.
    @discardableResult
    package static func raiseDescriptorLimit() throws(SystemError) -> UInt {
        var limit = rlimit()
        // Safety: the kernel reads and fills one structure.
        try SystemCall.run("read the limit of open files") {
            unsafe getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        guard limit.rlim_cur < limit.rlim_max else { return limit.rlim_cur }
        limit.rlim_cur = limit.rlim_max
        // Safety: as above.
        try SystemCall.run("raise the limit of open files") {
            unsafe setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        }
        return limit.rlim_cur
    }
}
