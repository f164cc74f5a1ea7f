/// How a process ended.
package enum ExitStatus: Equatable, Sendable {
    /// It exited with this code, 0...255.
    case exited(Int32)
    /// This signal ended it.
    case signalled(Int32)

    /// As a shell reports it: the code, or 128 and the signal's number.
    package var shellCode: Int32 {
        switch self {
        case .exited(let code): code
        case .signalled(let signal): 128 + signal
        }
    }
}
