import Foundation
import Synchronization

/// The shell of Guest/init behind a process's standard input and output. One line at a time.
final class Console: Sendable {
    let machine: Child
    private let count = Atomic<Int>(0)

    init(of machine: Child) {
        self.machine = machine
    }

    /// Waits until the guest has booted.
    func waitUntilReady() async throws {
        try await machine.wait(for: "@ready", within: .seconds(60))
    }

    func shell(_ script: String, within limit: Duration) async throws -> (status: Int, output: String) {
        let number = count.add(1, ordering: .relaxed).newValue
        // The marks are put together by the guest, so that an echo of the line would not be taken for them.
        try machine.write(line: "echo @''begin \(number); ( \(script) ) 2>&1 </dev/null; echo @''end \(number) $?")
        let end = "@end \(number) "
        try await eventually("\"\(script)\" in the guest", within: limit) {
            let output = machine.output
            if let found = output.range(of: end), output[found.upperBound...].contains(where: \.isNewline) {
                return true
            }
            guard machine.isRunning else { throw ChildFailure("the machine has gone", machine) }
            return false
        }
        let output = machine.output.replacing("\r\n", with: "\n")
        guard let begin = output.range(of: "@begin \(number)\n"), let mark = output.range(of: end) else {
            throw ChildFailure("no answer to \(script)", machine)
        }
        let status = output[mark.upperBound...].prefix(while: \.isNumber)
        return (Int(status) ?? -1, String(output[begin.upperBound..<mark.lowerBound]))
    }
}
