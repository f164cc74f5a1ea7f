package import SystemPackage

/// What came of a call that moves data and must not block.
package enum Transfer: Equatable, Sendable {
    /// So many bytes, or messages where the call moves messages. Zero bytes read is the end of a stream.
    case moved(Int)
    /// Nothing can be moved now; wait for the descriptor.
    case wouldBlock
    case failed(Errno)

    @inline(__always)
    init(_ result: Result<Int, Errno>) {
        switch result {
        case .success(let count): self = .moved(count)
        case .failure(.wouldBlock), .failure(.resourceTemporarilyUnavailable): self = .wouldBlock
        case .failure(let error): self = .failed(error)
        }
    }
}
