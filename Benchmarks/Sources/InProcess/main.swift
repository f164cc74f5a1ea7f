import Foundation

/// What a program gets that links the library: all figures, or those that are named.
let figures: [(name: String, measure: () throws -> [Figure])] = [
    ("switch", { [try measureSwitch(seconds: 2)] }),
    ("upload", { try measureUpload(seconds: 1, rounds: 3) }),
    ("round-trips", { try measureRoundTrips(20_000, rounds: 3) }),
    ("cycles", { try measureCycles(10_000) }),
]

let wanted = CommandLine.arguments.dropFirst()
do {
    // As the comparison asks: in-process --path library
    if wanted.first == "--path", let path = wanted.last.flatMap(PathReadings.init) {
        for reading in try path.measure() { print(reading.column, reading.value) }
        exit(0)
    }
    for figure in figures where wanted.isEmpty || wanted.contains(figure.name) {
        for line in try figure.measure() { print(line.description) }
    }
} catch {
    FileHandle.standardError.write(Data("error: \(error)\n".utf8))
    exit(1)
}
