/// How vmnet says what became of a call: `vmnet_return_t`, with its numbers.
public enum VmnetStatus: UInt32, Sendable {
    /// It was done.
    case success = 1000
    /// It was not, for no reason that has a number of its own.
    case failure
    /// There is no memory left.
    case memoryFailure
    /// An argument is wrong.
    case invalidArgument
    /// The interface is not set up, or is no more.
    case setupIncomplete
    /// The caller may not do that.
    case invalidAccess
    /// A packet is longer than the interface takes.
    case packetTooBig
    /// There is no room left.
    case bufferExhausted
    /// More packets than a call takes.
    case tooManyPackets
    /// Somebody else has what was asked for, such as a subnet.
    case sharingServiceBusy
    /// The caller lacks a privilege.
    case notAuthorized
}

extension VmnetError {
    /// The same in vmnet's numbers.
    public var status: VmnetStatus {
        switch code {
        case .invalidConfiguration, .invalidArgument: .invalidArgument
        case .busy: .sharingServiceBusy
        case .system, .notRunning: .failure
        case .refused: .invalidAccess
        case .packetTooBig: .packetTooBig
        case .tooManyPackets: .tooManyPackets
        case .notAuthorized: .notAuthorized
        case .stopped: .setupIncomplete
        }
    }
}
