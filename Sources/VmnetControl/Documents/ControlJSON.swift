import FoundationEssentials

/// How documents are written and read: keys in snake_case and in alphabetical order, paths without escaped slashes.
package enum ControlJSON {
    /// The version that every document has. It changes when a key goes or means something else, not when one is added.
    package static let version = 1

    package static func encode(_ document: some Encodable) throws -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.keyEncodingStrategy = .convertToSnakeCase
        return [UInt8](try encoder.encode(document))
    }

    package static func decode<Document: Decodable>(_ type: Document.Type, from bytes: [UInt8]) throws -> Document {
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(type, from: Data(bytes))
    }
}
