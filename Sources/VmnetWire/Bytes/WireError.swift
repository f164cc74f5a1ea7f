/// Why bytes are not the header they were taken for. The caller's answer is the same for each: drop and count.
@usableFromInline
package enum WireError: Error, Equatable, Sendable {
    /// Fewer bytes than the header, or than the length it states.
    case truncated
    /// A field contradicts another one or the standard.
    case malformed
    /// The stated checksum is not the computed one.
    case checksum
}
