/// A number of bytes with three digits or so: `512 B`, `1.5 kB`, `64.0 MB`, `12.3 GB`.
struct ByteCount: CustomStringConvertible {
    private let bytes: UInt64

    init(_ bytes: UInt64) {
        self.bytes = bytes
    }

    var description: String {
        let units = ["kB", "MB", "GB", "TB", "PB", "EB"]
        guard bytes >= 1000 else { return "\(bytes) B" }
        var value = Double(bytes) / 1000
        var index = 0
        // What would be rounded to 1000.0 belongs to the next unit.
        while value >= 999.95, index < units.count - 1 {
            value /= 1000
            index += 1
        }
        return "\(decimal(value, digits: 1)) \(units[index])"
    }
}
