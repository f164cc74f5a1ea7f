import Glibc

/// Keeps SIGPIPE from the calling thread for as long as this lives, for calls into a library that writes to sockets which may
/// be closed. What disposition the process has chosen for the signal stays as it is. See pthread_sigmask(3).
///
/// It ends on the thread that made it.
package struct BrokenPipeBlock: ~Copyable {
    private let wasBlocked: Bool

    package init() {
        var set = Self.brokenPipe
        var earlier = sigset_t()
        // Safety: the sets are local.
        unsafe pthread_sigmask(SIG_BLOCK, &set, &earlier)
        wasBlocked = unsafe sigismember(&earlier, SIGPIPE) == 1
    }

    deinit {
        guard !wasBlocked else { return }
        var set = Self.brokenPipe
        var now = timespec()
        // Safety: the values are local. What is pending has come since, for it was not blocked before.
        unsafe sigtimedwait(&set, nil, &now)
        unsafe pthread_sigmask(SIG_UNBLOCK, &set, nil)
    }

    private static var brokenPipe: sigset_t {
        var set = sigset_t()
        // Safety: the set is local.
        unsafe sigemptyset(&set)
        unsafe sigaddset(&set, SIGPIPE)
        return set
    }
}
