/// The options that a client asks for, the most wanted first.
package enum DHCPParameterRequestListOption: DHCPOptionKind {
    package static func value(of bytes: Span<UInt8>) -> [DHCPOptionCode]? {
        bytes.indices.map { DHCPOptionCode(rawValue: bytes[$0]) }
    }

    package static func bytes(of value: [DHCPOptionCode]) -> [UInt8] { value.map(\.rawValue) }
}

extension DHCPOption where Kind == DHCPParameterRequestListOption {
    /// RFC 2132, 9.8.
    package static var parameterRequestList: Self { Self(.parameterRequestList) }
}
