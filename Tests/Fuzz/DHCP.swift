import VmnetDHCP
import VmnetWire

extension FuzzTarget {
    /// A message is read back as it was written; one that must be short leaves options out and changes none.
    static let dhcpMessage = FuzzTarget(name: "dhcp-message") { bytes in
        do throws(WireError) {
            let message = try DHCPMessage(parsing: bytes)
            // A name that fills its field has no room for the zero that ends it.
            var expected = message
            expected.serverName = Array(message.serverName.prefix(63))
            expected.bootFile = Array(message.bootFile.prefix(127))
            require(reread(message, limit: DHCPMessage.maximumByteCount) == expected, "\(message)")

            var short = reread(message, limit: DHCPMessage.minimumByteCount)
            for code in short.options.codes {
                require(short.options[raw: code] == message.options[raw: code], "\(code) of \(message)")
            }
            short.options = expected.options
            require(short == expected, "\(message)")
        } catch {
            require(error != .checksum, "there is none")
        }
    }

    /// A value of each kind is read back as it was written.
    static let dhcpOptions = FuzzTarget(name: "dhcp-options") { bytes in
        checkKind(DHCPAddressListOption.self, bytes)
        checkKind(DHCPAddressOption.self, bytes)
        checkKind(DHCPByteOption.self, bytes)
        checkKind(DHCPClasslessRoutesOption.self, bytes)
        checkKind(DHCPClientIdentifierOption.self, bytes)
        checkKind(DHCPDomainSearchOption.self, bytes)
        checkKind(DHCPDurationOption.self, bytes)
        checkKind(DHCPFlagOption.self, bytes)
        checkKind(DHCPInteger16Option.self, bytes)
        checkKind(DHCPMessageTypeOption.self, bytes)
        checkKind(DHCPParameterRequestListOption.self, bytes)
        checkKind(DHCPStaticRoutesOption.self, bytes)
        checkKind(DHCPTextOption.self, bytes)
        if let value = DHCPClientFQDNOption.value(of: bytes), value.flags.contains(.encoded) {
            checkKind(DHCPClientFQDNOption.self, bytes)
        }
        for name in DHCPDomainSearchOption.value(of: bytes) ?? [] {
            require(name.wireBytes.count <= 255 && DomainName(name.description) == name, "\(name)")
        }
    }

    /// Leases are read back as they were written, whatever the file they were found in.
    static let leaseFile = FuzzTarget(name: "lease-file") { bytes in
        var file = LeaseFile()
        file.read(bytes)
        var again = LeaseFile()
        let text = [UInt8](LeaseFile.text(of: file.leases).utf8)
        again.read(text.span)
        require(again.damagedLineCount == 0, "\(file.leases)")
        require(again.leases == file.leases, "\(again.leases) from \(file.leases)")
    }
}

private func reread(_ message: DHCPMessage, limit: Int) -> DHCPMessage {
    let bytes = message.bytes(limit: limit)
    require((DHCPMessage.minimumByteCount...limit).contains(bytes.count), "\(bytes.count) bytes of \(limit)")
    guard let again = try? DHCPMessage(parsing: bytes.span) else { fatalError("\(message) is not read again") }
    return again
}

private func checkKind<Kind: DHCPOptionKind>(_ kind: Kind.Type, _ bytes: Span<UInt8>) where Kind.Value: Equatable {
    guard let value = Kind.value(of: bytes) else { return }
    let written = Kind.bytes(of: value)
    require(Kind.value(of: written.span) == value, "\(kind): \(value)")
}
