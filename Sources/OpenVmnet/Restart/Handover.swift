import VmnetPorts
import VmnetSystem
import VmnetWire

/// What a network that ends in good order leaves for its successor, about guests whose connections the service manager
/// keeps: where each stream was cut. A network that was killed leaves nothing.
///
/// ```
/// guest-3 000005ea5254 -
/// name; beginning of a frame received; end of a frame to send; in hexadecimal, - for nothing
/// ```
struct Handover {
    /// 1000 guests, each within the longest frame both ways.
    private static let maximumByteCount = 256 << 20

    private(set) var remainders: [String: TransportRemainder] = [:]

    /// What the file says, which is removed: it is true once. Empty when there is none.
    static func take(_ path: String) throws(SystemError) -> Handover {
        guard let bytes = try File.read(path, maximumByteCount: maximumByteCount) else { return Handover() }
        try File.remove(path)
        var handover = Handover()
        for line in String(decoding: bytes, as: UTF8.self).split(separator: "\n") { handover.read(line) }
        return handover
    }

    subscript(name: String) -> TransportRemainder? {
        get { remainders[name] }
        set { remainders[name] = newValue }
    }

    func write(_ path: String) throws(SystemError) {
        let text = remainders.map { "\($0) \(Self.text(of: $1.received)) \(Self.text(of: $1.unsent))\n" }.joined()
        try File.replace(path, with: Array(text.utf8).span)
    }

    private mutating func read(_ line: Substring) {
        let fields = line.split(separator: " ")
        guard fields.count == 3, let received = Self.bytes(fields[1]), let unsent = Self.bytes(fields[2])
        else { return }
        remainders[String(fields[0])] = TransportRemainder(received: received, unsent: unsent)
    }

    private static func text(of bytes: [UInt8]) -> String {
        bytes.isEmpty ? "-" : hexadecimal(bytes, separator: nil)
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        if text == "-" { return [] }
        let digits = text.utf8.compactMap { Character(UnicodeScalar($0)).hexDigitValue.map(UInt8.init) }
        guard digits.count == text.utf8.count, digits.count % 2 == 0 else { return nil }
        return stride(from: 0, to: digits.count, by: 2).map { digits[$0] << 4 | digits[$0 + 1] }
    }
}
