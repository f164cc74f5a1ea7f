import Glibc
import Synchronization
import Testing
import VmnetSystem

struct SystemThreadTests {
    /// What a thread leaves for the test.
    private final class Note: Sendable {
        let text = Mutex("")
    }

    @Test func `a thread runs under its name, cut to what the kernel keeps`() throws {
        let note = Note()
        let thread = try SystemThread(name: "a-name-that-is-too-long") {
            let name = try? File.read("/proc/thread-self/comm", maximumByteCount: 64)
            note.text.withLock { $0 = String(decoding: name ?? [], as: UTF8.self) }
        }
        thread.join()
        #expect(note.text.withLock { $0 } == "a-name-that-is-\n")
    }

    @Test func `a closed pipe ends no thread`() async {
        // In a process of its own: a signal that is not blocked would end it.
        await #expect(processExitsWith: .success) {
            let thread = try SystemThread(name: "pipe") {
                var ends: [Int32] = [0, 0]
                // Safety: two descriptors; one byte.
                precondition(unsafe pipe(&ends) == 0)
                close(ends[0])
                precondition(unsafe write(ends[1], [1], 1) == -1 && errno == EPIPE)
            }
            thread.join()
        }
    }
}
