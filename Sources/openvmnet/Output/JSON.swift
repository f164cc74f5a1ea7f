import FoundationEssentials
import VmnetControl

/// JSON for programs: one line, keys in alphabetical order, paths without escaped slashes.
enum JSON {
    static func line(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }

    /// The same for a document of the control socket, keys as it writes them.
    static func line(of document: some Encodable) throws -> String {
        String(decoding: try ControlJSON.encode(document), as: UTF8.self)
    }
}
