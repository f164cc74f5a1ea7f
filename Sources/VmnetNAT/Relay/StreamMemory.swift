import Glibc

/// Memory for bytes of a connection. Pages that nothing was written to take none, and all of them go back to the kernel at
/// the end: the allocator would keep what is freed among blocks in use.
///
/// The kernel joins none of it into huge pages, of which the first byte would take 2 MiB, the neighbours' included.
@safe struct StreamMemory: ~Copyable {
    // Safety: mapped for `byteCount` bytes until deinit, all zero at first. Who reads or writes checks the place.
    let start: UnsafeMutablePointer<UInt8>
    let byteCount: Int

    /// nil when the host gives no more.
    init?(byteCount: Int) {
        // Safety: the result is checked.
        let mapped = unsafe mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let mapped = unsafe mapped, unsafe mapped != MAP_FAILED else { return nil }
        // Safety: the range has just been mapped. It fails only where there are no huge pages.
        unsafe _ = madvise(mapped, byteCount, MADV_NOHUGEPAGE)
        unsafe start = mapped.assumingMemoryBound(to: UInt8.self)
        self.byteCount = byteCount
    }

    deinit {
        unsafe munmap(start, byteCount)
    }
}
