import Glibc
import SystemPackage

/// The error policy of every call: -1 becomes `errno`, and an interrupted call is made again.
enum SystemCall {
    /// The call's value, or why it failed.
    @inline(__always)
    static func result<Value: SignedInteger>(_ call: () -> Value) -> Result<Value, Errno> {
        while true {
            let value = call()
            if value != -1 { return .success(value) }
            let error = Errno(rawValue: errno)
            if error != .interrupted { return .failure(error) }
        }
    }

    /// The call's value; throws an error that names `operation`.
    @discardableResult
    @inline(__always)
    static func run<Value: SignedInteger>(
        _ operation: @autoclosure () -> String, _ call: () -> Value
    ) throws(SystemError) -> Value {
        switch result(call) {
        case .success(let value): return value
        case .failure(let error): throw SystemError(operation(), error)
        }
    }
}
