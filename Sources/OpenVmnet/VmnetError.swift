/// What went wrong, in words for the person who asked: a sentence with the offending value, and the way out.
public struct VmnetError: Error, Equatable, Sendable {
    /// Who can mend it.
    public enum Code: Sendable {
        /// The configuration contradicts itself or the rules: exit code 2 on the command line.
        case invalidConfiguration
        /// A name, socket or subnet is taken by somebody else.
        case busy
        /// The kernel or the file system refused.
        case system
        /// There is no such network.
        case notRunning
        /// A network in another process refused, for the reason in the message.
        case refused
        /// A call that cannot be meant: an argument that contradicts itself or what it is about.
        case invalidArgument
        /// A packet is longer than the interface takes.
        case packetTooBig
        /// More packets at once than a call takes.
        case tooManyPackets
        /// The caller lacks a privilege that this takes.
        case notAuthorized
        /// The interface or its network has been stopped.
        case stopped
    }

    /// Who can mend it.
    public let code: Code
    /// One sentence, without a full stop, naming the value.
    public let message: String
    /// What to do about it; nil when the message says it all.
    public let hint: String?

    /// An error with its remedy.
    public init(_ code: Code, _ message: String, hint: String? = nil) {
        self.code = code
        self.message = message
        self.hint = hint
    }
}

extension VmnetError: CustomStringConvertible {
    /// The message, and the hint on a line of its own.
    public var description: String { hint.map { "\(message)\nhint: \($0)" } ?? message }
}
