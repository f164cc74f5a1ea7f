/// Why a figure could not be had, in a few words for the reader of the report.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
