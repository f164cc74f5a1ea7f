import SystemPackage
import VmnetSystem

extension VmnetError {
    /// What the system layer reports, in the form that people are told.
    package init(_ error: any Error) {
        switch error {
        case let error as VmnetError: self = error
        case let error as SystemError:
            let isForbidden = error.errno == .notPermitted || error.errno == .permissionDenied
            self.init(
                isForbidden ? .notAuthorized : .system, "cannot \(error.operation): \(error.errno)", hint: error.remedy)
        default: self.init(.system, "\(error)")
        }
    }
}
