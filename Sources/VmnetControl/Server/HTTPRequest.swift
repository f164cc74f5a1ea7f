/// A request as the server's routes see it.
struct HTTPRequest: Equatable {
    var method: String
    /// Without query, with percent-encoding undone.
    var path: String
    var body: [UInt8] = []
}
