/// How the bytes of one kind of option become a value. Each kind has a file, with the options that are of it.
package protocol DHCPOptionKind {
    associatedtype Value

    /// nil when the bytes are not of this kind: the option is then as good as absent.
    static func value(of bytes: Span<UInt8>) -> Value?

    static func bytes(of value: Value) -> [UInt8]
}

/// An option's number together with its kind: `options[.routers] = [gateway]`.
package struct DHCPOption<Kind: DHCPOptionKind>: Sendable {
    package let code: DHCPOptionCode

    package init(_ code: DHCPOptionCode) {
        self.code = code
    }
}

extension DHCPOptions {
    /// The value of an option; nil when it is absent or its bytes are not of its kind.
    package subscript<Kind>(option: DHCPOption<Kind>) -> Kind.Value? {
        get { self[raw: option.code].flatMap { Kind.value(of: $0.span) } }
        set { self[raw: option.code] = newValue.map(Kind.bytes) }
    }
}
