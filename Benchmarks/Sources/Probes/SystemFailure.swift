import Glibc

/// What the operating system answered.
package struct SystemFailure: Error, CustomStringConvertible {
    package let operation: String
    package let number: Int32

    package init(_ operation: String, number: Int32 = errno) {
        self.operation = operation
        self.number = number
    }

    package var description: String {
        // Safety: strerror returns a NUL-terminated string that String copies at once.
        unsafe "\(operation): \(String(cString: strerror(number)))"
    }
}
