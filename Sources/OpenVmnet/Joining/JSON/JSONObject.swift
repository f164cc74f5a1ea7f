/// The members of a JSON object, by name.
package struct JSONObject: Equatable, Sendable {
    package let members: [String: JSONValue]

    /// Members without a value are left out.
    package init(_ members: [String: JSONValue?]) {
        self.members = members.compactMapValues { $0 }
    }

    init(members: [String: JSONValue]) {
        self.members = members
    }

    /// The object that the bytes are, all of them.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        var reader = JSONReader(bytes)
        guard case .object(let object) = try reader.readAll() else { throw JSONError() }
        self = object
    }

    /// The object as it is sent, its names in order.
    package var bytes: [UInt8] {
        let members = members.sorted { $0.key < $1.key }
            .map { JSONValue.quoted($0.key) + [UInt8(ascii: ":")] + $0.value.bytes }
        return [UInt8(ascii: "{")] + members.joined(separator: [UInt8(ascii: ",")]) + [UInt8(ascii: "}")]
    }

    /// A member that is a text; nil when it is missing or null, an error when it is something else.
    package func text(_ name: String) throws(JSONError) -> String? {
        switch members[name] {
        case nil, .null: return nil
        case .text(let text): return text
        default: throw JSONError()
        }
    }

    /// The same for a whole number.
    package func number(_ name: String) throws(JSONError) -> Int? {
        switch members[name] {
        case nil, .null: return nil
        case .number(let number): return number
        default: throw JSONError()
        }
    }

    /// The same for true or false.
    package func flag(_ name: String) throws(JSONError) -> Bool? {
        switch members[name] {
        case nil, .null: return nil
        case .flag(let flag): return flag
        default: throw JSONError()
        }
    }

    /// The same for an object.
    package func object(_ name: String) throws(JSONError) -> JSONObject? {
        switch members[name] {
        case nil, .null: return nil
        case .object(let object): return object
        default: throw JSONError()
        }
    }
}

/// What was received is not JSON, or not what it should be.
package struct JSONError: Error, Equatable {}
