/// Where guests attach, and what becomes of them: `TRANSPORT:PATH[,isolated[=on|off]]`.
public struct AttachmentPoint: Hashable, Sendable {
    /// The transport and its place.
    public let address: ListenAddress
    /// Whether guests that attach there exchange frames with the gateway only.
    public let isIsolated: Bool

    /// A place, with its option.
    public init(_ address: ListenAddress, isolated: Bool = false) {
        self.address = address
        isIsolated = isolated
    }

    /// Parses the address with its option, which is one at the end of the text only: `stream:/a,isolated,isolated=off` is
    /// the path `/a,isolated`.
    ///
    /// - Throws: `.invalidConfiguration`, naming the text.
    public init(_ text: String) throws(VmnetError) {
        guard let comma = text.lastIndex(of: ","), Self.isOption(text[comma...]) else {
            self.init(try ListenAddress(text))
            return
        }
        let isIsolated: Bool
        switch text[comma...] {
        case ",isolated", ",isolated=on": isIsolated = true
        case ",isolated=off": isIsolated = false
        default:
            throw VmnetError(
                .invalidConfiguration, "'\(text)' has an option that is not understood",
                hint: "write isolated, isolated=on or isolated=off behind the last comma")
        }
        self.init(try ListenAddress(String(text[..<comma])), isolated: isIsolated)
    }

    private static func isOption(_ end: Substring) -> Bool { end == ",isolated" || end.hasPrefix(",isolated=") }
}

extension AttachmentPoint: CustomStringConvertible {
    /// As it is written on the command line.
    public var description: String {
        if isIsolated { return "\(address),isolated" }
        let text = address.description
        let hasOption = text.lastIndex(of: ",").map { Self.isOption(text[$0...]) } ?? false
        return hasOption ? "\(text),isolated=off" : text
    }
}
