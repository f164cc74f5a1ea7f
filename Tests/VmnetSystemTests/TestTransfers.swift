import VmnetSystem

/// `Socket.send` of an array.
func send(_ raw: Int32, _ bytes: [UInt8]) -> Transfer {
    Socket.send(raw, bytes.span)
}

/// What is read from a descriptor in one piece; nil when there is nothing.
func receive(_ raw: Int32) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var room = buffer.mutableSpan
    guard case .moved(let count) = Descriptor.read(raw, into: &room) else { return nil }
    return Array(buffer.prefix(count))
}

/// `File.replace` with an array.
func replace(_ path: String, with contents: [UInt8], isDurable: Bool = false) throws(SystemError) {
    try File.replace(path, with: contents.span, isDurable: isDurable)
}
