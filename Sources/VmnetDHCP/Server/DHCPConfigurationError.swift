/// What is wrong with a server's configuration, as a sentence for the user.
package struct DHCPConfigurationError: Error, Equatable, CustomStringConvertible {
    package let description: String

    init(_ description: String) {
        self.description = description
    }
}
