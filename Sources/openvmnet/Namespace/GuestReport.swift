/// What a namespace guest tells the process that started it: one JSON object a message, on the control socket.
enum GuestReport: Codable, Equatable, Sendable {
    /// The TAP is there; its descriptor comes with this message. The guest waits for one message in return.
    case tapReady
    /// Something that the person should know, though it stops nothing.
    case warned(String)
    case leased(GuestLease)
    /// It is over: one sentence, and what to do about it.
    case failed(String, hint: String?)
    /// One echo of the demo; nil = no answer within a second.
    case pinged(sequence: Int, milliseconds: Double?)
    case progressed(DemoTransfer.Direction, byteCount: Int)
    case transferred(DemoTransfer)
}
