/// What the server's routes answer.
struct HTTPResponse: Equatable {
    /// RFC 9110, 15.
    var status: UInt32
    var contentType = "application/json"
    var body: [UInt8] = []
    /// The methods that the path has (RFC 9110, 10.2.1), for a 405.
    var allow: String?

    static func document(_ document: some Encodable, status: UInt32 = 200) -> HTTPResponse {
        // No document holds a number that JSON lacks.
        HTTPResponse(status: status, body: (try? ControlJSON.encode(document)) ?? [])
    }

    static func error(_ status: UInt32, _ message: String, hint: String? = nil) -> HTTPResponse {
        .document(ErrorDocument(message, hint: hint), status: status)
    }
}
