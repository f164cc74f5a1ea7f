import CVmnetLinux
import Glibc
import SystemPackage

/// A thread of our own, for a loop that blocks. The corresponding C calls are `pthread_create` and `pthread_join`.
@safe package struct SystemThread: ~Copyable, Sendable {
    private let thread: pthread_t

    /// Starts `body` on a new thread, which has every signal blocked: they belong to the thread that asks for them.
    ///
    /// - Parameter name: at most 15 bytes, as `top -H` and debuggers show it.
    package init(name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        var mask = sigset_t()
        var earlier = sigset_t()
        var thread = pthread_t()
        // Safety: the sets and the thread are local; the box is released by the new thread, or here when there is none.
        let box = unsafe Unmanaged.passRetained(ThreadBody(name: name, run: body))
        unsafe sigfillset(&mask)
        unsafe pthread_sigmask(SIG_SETMASK, &mask, &earlier)
        let result = unsafe pthread_create(
            &thread, nil,
            { argument in
                guard let argument = unsafe argument else { return nil }
                unsafe Unmanaged<ThreadBody>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, box.toOpaque())
        unsafe pthread_sigmask(SIG_SETMASK, &earlier, nil)
        guard result == 0 else {
            unsafe box.release()
            throw SystemError("start a thread", Errno(rawValue: result))
        }
        self.thread = thread
    }

    /// Whether it is the one that asks.
    package var isCurrent: Bool { pthread_equal(thread, pthread_self()) != 0 }

    /// Lets other threads go first that wait for the processor of the one that calls.
    package static func yield() {
        sched_yield()
    }

    /// Waits until the body has returned.
    package consuming func join() {
        pthread_join(thread, nil)
    }

    /// Lets it end when it does, and nobody know.
    package consuming func detach() {
        pthread_detach(thread)
    }
}

private final class ThreadBody: Sendable {
    let name: String
    let body: @Sendable () -> Void

    init(name: String, run body: @escaping @Sendable () -> Void) {
        self.name = name
        self.body = body
    }

    func run() {
        // Safety: the kernel copies the string.
        unsafe ovn_set_thread_name(name)
        body()
    }
}
