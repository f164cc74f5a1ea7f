import CLinux
import Glibc

/// Writes frames to an interface: many with one system call, where the kernel lets it, as a machine takes a batch from a
/// ring. To the interface each is a write of its own.
@safe package final class FrameWriter {
    /// Frames of one system call.
    private static let depth: UInt32 = 512

    private let interface: Int32
    // Safety: open until deinit, and used by one thread. nil: each frame is written at once.
    private let ring: OpaquePointer?

    /// Whether the kernel lets this process write many at a time.
    package static var canBatch: Bool { unsafe FrameWriter(to: -1).ring != nil }

    /// - Parameters:
    ///   - interface: does not block, and stays open for as long as this is there.
    ///   - isBatched: false: each frame is written at once, as where the kernel does not let it be otherwise.
    init(to interface: Int32, isBatched: Bool = true) {
        self.interface = interface
        unsafe ring = isBatched ? ovb_write_ring_open(Self.depth) : nil
    }

    deinit {
        if let ring = unsafe ring { unsafe ovb_write_ring_close(ring) }
    }

    /// Takes a frame. One that the interface refuses is lost, as on a wire.
    ///
    /// - Parameter frame: stays as it is until `flush` has returned.
    func add(_ frame: UnsafeRawBufferPointer) {
        // Safety: the kernel reads within the frame, which is there until it has.
        if let ring = unsafe ring {
            check(unsafe ovb_write_ring_add(ring, interface, frame.baseAddress, UInt32(frame.count)))
        } else {
            _ = unsafe write(interface, frame.baseAddress, frame.count)
        }
    }

    /// Has all frames written that were added.
    func flush() {
        if let ring = unsafe ring { check(unsafe ovb_write_ring_flush(ring)) }
    }

    private func check(_ result: Int32) {
        precondition(result == 0, "io_uring_enter: errno \(-result)")
    }
}
