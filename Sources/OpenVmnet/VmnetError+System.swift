import SystemPackage
import VmnetSystem

extension VmnetError {
    /// What the system layer reports, in the form that people are told.
    package init(_ error: any Error) {
        switch error {
        case let error as VmnetError: self = error
        case let error as SystemError:
            self.init(Code(error.errno), "cannot \(error.operation): \(error.errno)", hint: error.remedy)
        default: self.init(.system, "\(error)")
        }
    }
}

extension VmnetError.Code {
    fileprivate init(_ errno: Errno) {
        switch errno {
        case .addressInUse: self = .busy
        case .notPermitted, .permissionDenied: self = .notAuthorized
        default: self = .system
        }
    }
}
