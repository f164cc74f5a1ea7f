import CVmnet
import OpenVmnet

/// Errors as C programs without vmnet's statuses are told them: a negative number, and a text for the thread.
extension VmnetError {
    /// One of `enum ovn_error`.
    var number: Int32 {
        let error: ovn_error =
            switch code {
            case .invalidConfiguration, .invalidArgument: OVN_EINVAL
            case .busy: OVN_EBUSY
            case .system: OVN_EFAILURE
            case .notRunning: OVN_ENOTRUNNING
            case .refused, .notAuthorized: OVN_EACCESS
            case .packetTooBig: OVN_ETOOBIG
            case .tooManyPackets: OVN_ETOOMANY
            case .stopped: OVN_ESTOPPED
            }
        return error.rawValue
    }

    /// Keeps the text for the calling thread.
    func publish() {
        // Safety: the string lives for the call.
        unsafe ovn_error_set_message(description)
    }

    static func null(_ name: String) -> VmnetError {
        VmnetError(.invalidArgument, "'\(name)' is NULL", hint: "see <openvmnet.h> for what it has to be")
    }
}

/// Runs `body`, whose result is not negative; an error becomes a negative number and a text.
func number(_ body: () throws(VmnetError) -> Int) -> Int {
    do throws(VmnetError) {
        return try body()
    } catch {
        error.publish()
        return Int(error.number)
    }
}

/// Runs `body`; an error becomes NULL and a text.
func reference(_ body: () throws(VmnetError) -> OpaquePointer) -> OpaquePointer? {
    do throws(VmnetError) {
        return unsafe try body()
    } catch {
        error.publish()
        return nil
    }
}

/// The text of a C string that may not be NULL.
func text(_ string: UnsafePointer<CChar>?, _ name: String) throws(VmnetError) -> String {
    guard let string = unsafe string else { throw .null(name) }
    // Safety: whoever passes a C string passes its zero.
    return unsafe String(cString: string)
}

/// A structure of options; nil, like zeros, asks for nothing.
func options<Value>(
    _ pointer: UnsafePointer<Value>?, _ size: KeyPath<Value, Int>, else zeros: Value
) throws(VmnetError) -> Value {
    // Safety: the program lends the structure for the call.
    guard let value = unsafe pointer?.pointee else { return zeros }
    guard value[keyPath: size] >= MemoryLayout<Value>.size else {
        throw VmnetError(
            .invalidArgument, "the size of \(Value.self) is \(value[keyPath: size])",
            hint: "set its member 'size' to sizeof(\(Value.self)), \(MemoryLayout<Value>.size)")
    }
    return value
}
