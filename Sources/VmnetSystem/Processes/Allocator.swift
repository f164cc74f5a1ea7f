import CVmnetLinux

/// The C library's allocator, for the whole process.
package enum Allocator {
    /// Gives free memory back to the kernel. What was freed among blocks in use is otherwise kept. See malloc_trim(3).
    package static func trim() {
        _ = malloc_trim(0)
    }
}
