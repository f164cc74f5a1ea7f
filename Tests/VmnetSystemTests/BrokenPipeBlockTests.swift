import Glibc
import Testing
import VmnetSystem

@Suite struct BrokenPipeBlockTests {
    @Test func `a write that nobody reads is no signal while it is blocked, and leaves none behind`() async {
        await #expect(processExitsWith: .success) {
            signal(SIGPIPE, SIG_DFL)
            var ends: [Int32] = [-1, -1]
            // Safety: the array has room for two descriptors.
            try #require(unsafe pipe(&ends) == 0)
            close(ends[0])
            for _ in 0..<2 {
                let block = BrokenPipeBlock()
                // Safety: one byte of a string that lives as long as the program.
                try #require(unsafe write(ends[1], "x", 1) == -1 && errno == EPIPE)
                _ = consume block
            }
        }
    }

    @Test func `it is not unblocked for somebody who has blocked it before`() throws {
        let thread = try SystemThread(name: "blocked") {
            do {
                let block = BrokenPipeBlock()
                _ = consume block
            }
            var now = sigset_t()
            // Safety: the set is local.
            unsafe pthread_sigmask(SIG_BLOCK, nil, &now)
            // Every signal is, on such a thread.
            precondition(unsafe sigismember(&now, SIGPIPE) == 1)
        }
        thread.join()
    }
}
