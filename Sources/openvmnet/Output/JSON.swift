import VmnetControl

/// JSON for programs: a line, written as the control socket writes its documents.
enum JSON {
    static func line(_ value: some Encodable) throws -> String {
        String(decoding: try ControlJSON.encode(value), as: UTF8.self)
    }
}
