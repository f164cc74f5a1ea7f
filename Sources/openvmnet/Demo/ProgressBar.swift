/// One line of progress: `download [##########..........]  128/256 MiB   412 MB/s`.
struct ProgressBar: Equatable, Sendable {
    let label: String
    let total: Int
    /// Characters between the brackets.
    var width = 30

    /// The line after `done` bytes in `seconds`; it has the same length until the end, so that each covers the last.
    func line(done: Int, seconds: Double) -> String {
        let done = min(max(done, 0), total)
        let filled = total > 0 ? width * done / total : width
        let bar = String(repeating: "#", count: filled) + String(repeating: ".", count: width - filled)
        let mebibytes = "\(done >> 20)/\(total >> 20) MiB".leftPadded(to: 2 * "\(total >> 20)".count + 5)
        return "\(label) [\(bar)] \(mebibytes) \(Self.speed(seconds > 0 ? Double(done) / seconds : 0))"
    }

    /// Ten characters, and more only from 100 GB/s on: `  412 MB/s`.
    static func speed(_ bytesPerSecond: Double) -> String {
        let megabytes = bytesPerSecond / 1e6
        let number = megabytes < 10 ? decimal(megabytes, digits: 1) : "\(Int(megabytes.rounded()))"
        return "\(number) MB/s".leftPadded(to: 10)
    }
}

/// `value` with that many digits after the point; the standard library has no such formatting.
func decimal(_ value: Double, digits: Int) -> String {
    let scale = (0..<digits).reduce(1) { scale, _ in scale * 10 }
    let scaled = Int((value.magnitude * Double(scale)).rounded())
    let sign = value < 0 && scaled > 0 ? "-" : ""
    guard digits > 0 else { return "\(sign)\(scaled)" }
    let fraction = String(scaled % scale)
    return "\(sign)\(scaled / scale)." + String(repeating: "0", count: digits - fraction.count) + fraction
}

extension String {
    fileprivate func leftPadded(to count: Int) -> String {
        String(repeating: " ", count: max(0, count - self.count)) + self
    }
}
