package import VmnetSystem

/// Why a guest's NAT could not be made.
package enum NATError: Error, Equatable, Sendable {
    /// The configuration contradicts itself; the message says where.
    case invalidConfiguration(String)
    /// libslirp did not take the configuration.
    case refusedByLibrary
    case system(SystemError)
}

extension NATError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .invalidConfiguration(let message): message
        case .refusedByLibrary: "libslirp \(SlirpLibrary.version) refuses the configuration"
        case .system(let error): error.description
        }
    }
}
