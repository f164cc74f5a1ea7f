import Foundation
import Synchronization
import TAPGuest

/// A folder that goes, with all that is in it, when it is released. Its path is short: a socket's may not be long.
final class TemporaryFolder: Sendable {
    private static let count = Atomic<Int>(0)

    let path: String

    init() throws {
        let number = Self.count.add(1, ordering: .relaxed).newValue
        path = "\(Leftovers.folderPrefix)\(ProcessInfo.processInfo.processIdentifier).\(number)"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of what is called `name` in it.
    func callAsFunction(_ name: String) -> String { "\(path)/\(name)" }
}

/// The text of a file; empty when there is none.
func text(ofFile path: String) -> String {
    FileManager.default.contents(atPath: path).map { String(decoding: $0, as: UTF8.self) } ?? ""
}
