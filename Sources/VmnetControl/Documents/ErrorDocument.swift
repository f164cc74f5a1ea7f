package import OpenVmnet

/// What comes instead of an answer.
package struct ErrorDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    package var error: Explanation

    package struct Explanation: Codable, Equatable, Sendable {
        /// One sentence that names the offending value.
        package var message: String
        /// What to do about it.
        package var hint: String?
    }

    package init(_ message: String, hint: String? = nil) {
        error = Explanation(message: message, hint: hint)
    }

    package init(_ error: VmnetError) {
        self.init(error.message, hint: error.hint)
    }
}
