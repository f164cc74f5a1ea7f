import Foundation
import Testing

@Suite struct DocumentationTests {
    private static let sources = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources")

    @Test func `the tutorial's program is the one that is built`() throws {
        func text(_ path: String) throws -> String {
            try String(contentsOf: Self.sources.appendingPathComponent(path), encoding: .utf8)
        }
        let program = try text("Examples/SmallEmulator/main.swift")
        #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
        let tutorial = try text("OpenVmnet/OpenVmnet.docc/A-guest-network-for-your-emulator.md")
        #expect(tutorial.contains("```swift\n\(program)```"))
    }
}
