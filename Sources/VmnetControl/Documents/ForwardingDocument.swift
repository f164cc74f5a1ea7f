import OpenVmnet

/// `GET /v1/forwarding`: the switch's table.
package struct ForwardingDocument: Codable, Equatable, Sendable {
    package var version = ControlJSON.version
    package var entries: [Entry]

    /// Where a station was seen last.
    package struct Entry: Codable, Equatable, Sendable {
        package var mac: String
        package var port: String
        /// Since its last frame.
        package var ageSeconds: Int
    }

    init(_ table: [ForwardingEntry]) {
        entries = table.map { Entry(mac: "\($0.macAddress)", port: "\($0.port)", ageSeconds: $0.age) }
    }
}
