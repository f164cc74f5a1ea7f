/// How much waits for a guest.
package struct QueueDepth: Equatable, Sendable {
    /// Whole frames, and one of which a stream has taken a part.
    package let frames: Int
    /// Of memory, lengths and headers included.
    package let byteCount: Int

    package init(frames: Int, byteCount: Int) {
        self.frames = frames
        self.byteCount = byteCount
    }
}
