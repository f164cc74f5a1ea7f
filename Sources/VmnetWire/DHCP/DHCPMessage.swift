/// A DHCP or BOOTP message (RFC 2131, figure 1): the payload of the UDP datagram.
///
/// ```
///  0        1        2        3        4
/// +--------+--------+--------+--------+-------------------+-----------------+-----------------+
/// | op     | htype=1| hlen=6 | hops   | xid               | secs            | flags           |   0
/// +--------+--------+--------+--------+-------------------+-----------------+-----------------+
/// | ciaddr (4)                        | yiaddr (4)        | siaddr (4)      | giaddr (4)      |  12
/// +-----------------------------------+-------------------+-----------------+-----------------+
/// | chaddr (16: a MAC address and padding)                                                    |  28
/// | sname (64)                                                                                |  44
/// | file (128)                                                                                | 108
/// | magic cookie (4), options                                                                 | 236
/// +-------------------------------------------------------------------------------------------+
/// ```
package struct DHCPMessage: Equatable, Sendable {
    /// Who speaks.
    package enum Operation: UInt8, Sendable {
        /// BOOTREQUEST: a client, or a relay on its behalf.
        case request = 1
        /// BOOTREPLY: a server.
        case reply = 2
    }

    package var operation: Operation
    /// How many relays the message has passed.
    package var hops: UInt8 = 0
    /// xid: chosen by the client, copied by the server.
    package var transactionID: UInt32
    /// secs: seconds since the client began, as it says.
    package var secondsElapsed: UInt16 = 0
    /// The top bit asks for replies by broadcast; the others are zero (RFC 2131, figure 2).
    package var flags: UInt16 = 0
    /// ciaddr: the address that the client has and answers ARP for.
    package var clientAddress = IPv4Address.any
    /// yiaddr: the address that the client is to have.
    package var yourAddress = IPv4Address.any
    /// siaddr: the server of the next step of booting.
    package var nextServerAddress = IPv4Address.any
    /// giaddr: the relay that the reply goes to.
    package var relayAddress = IPv4Address.any
    /// chaddr.
    package var hardwareAddress: MACAddress
    /// sname, without its terminating zero: at most 63 bytes are sent. Empty when the field holds options.
    package var serverName: [UInt8] = []
    /// file, without its terminating zero: at most 127 bytes are sent. Empty when the field holds options.
    package var bootFile: [UInt8] = []
    package var options = DHCPOptions()

    package init(operation: Operation, transactionID: UInt32, hardwareAddress: MACAddress) {
        self.operation = operation
        self.transactionID = transactionID
        self.hardwareAddress = hardwareAddress
    }

    /// A reply with what RFC 2131, table 3 has the server copy.
    package init(replyingTo request: DHCPMessage) {
        self.init(
            operation: .reply, transactionID: request.transactionID, hardwareAddress: request.hardwareAddress)
        flags = request.flags
        relayAddress = request.relayAddress
    }

    /// What option 53 says; nil in a BOOTP message, which has no such option.
    package var type: DHCPMessageType? {
        get { options[.messageType] }
        set { options[.messageType] = newValue }
    }

    /// Whether the client cannot receive unicast before it has its address (RFC 2131, 4.1).
    package var wantsBroadcast: Bool {
        get { flags & 0x8000 != 0 }
        set { flags = newValue ? flags | 0x8000 : flags & 0x7fff }
    }
}

extension DHCPMessage {
    /// Up to the magic cookie.
    package static let headerByteCount = 236
    /// What BOOTP relays and old clients expect at least (RFC 1542, 2.1); shorter messages are read, never written.
    package static let minimumByteCount = 300
    /// The longest UDP payload.
    package static let maximumByteCount = 65507

    static let magicCookie: UInt32 = 0x6382_5363

    /// `bytes` is the payload of the UDP datagram.
    ///
    /// A message without cookie, or with a zero one, is a BOOTP message without options (RFC 951). Throws `.truncated`,
    /// or `.malformed` for a hardware type other than Ethernet, another cookie or a message type that is not one byte.
    package init(parsing bytes: Span<UInt8>) throws(WireError) {
        guard bytes.count >= Self.headerByteCount else { throw .truncated }
        guard let operation = Operation(rawValue: bytes[0]), bytes[1] == 1, bytes[2] == 6 else { throw .malformed }
        self.operation = operation
        hops = bytes[3]
        transactionID = bytes.be32(at: 4)
        secondsElapsed = bytes.be16(at: 8)
        flags = bytes.be16(at: 10)
        clientAddress = IPv4Address(bits: bytes.be32(at: 12))
        yourAddress = IPv4Address(bits: bytes.be32(at: 16))
        nextServerAddress = IPv4Address(bits: bytes.be32(at: 20))
        relayAddress = IPv4Address(bits: bytes.be32(at: 24))
        hardwareAddress = MACAddress(bits: bytes.be48(at: 28))
        let overload = try readOptions(bytes.extracting(droppingFirst: Self.headerByteCount))
        bootFile = try readName(bytes.extracting(108..<236), holdsOptions: overload.contains(.bootFile))
        serverName = try readName(bytes.extracting(44..<108), holdsOptions: overload.contains(.serverName))
        guard options[raw: .messageType] == nil || type != nil else { throw .malformed }
    }

    /// `bytes` begins at the magic cookie.
    private mutating func readOptions(_ bytes: Span<UInt8>) throws(WireError) -> DHCPOptions.Overload {
        guard bytes.count >= 4 else { return [] }
        switch bytes.be32(at: 0) {
        case Self.magicCookie: return try options.read(field: bytes.extracting(droppingFirst: 4))
        case 0: return []
        default: throw .malformed
        }
    }

    /// The bytes before the first zero, unless the field holds options.
    private mutating func readName(_ field: Span<UInt8>, holdsOptions: Bool) throws(WireError) -> [UInt8] {
        guard !holdsOptions else {
            _ = try options.read(field: field)
            return []
        }
        let end = field.indices.first { field[$0] == 0 } ?? field.count
        return Array(copying: field.extracting(0..<end))
    }

    /// Where the options go in a message of at most `limit` bytes (300...65507; other values are clamped).
    ///
    /// - Parameters:
    ///   - priority: see `DHCPOptionsLayout`.
    ///   - mayOverload: whether the receiver understands option overload: BOOTP clients do not.
    package func layout(
        limit: Int = maximumByteCount, priority: [DHCPOptionCode] = [], mayOverload: Bool = true
    ) -> DHCPOptionsLayout {
        let limit = min(max(limit, Self.minimumByteCount), Self.maximumByteCount)
        var spareFields: DHCPOptions.Overload = []
        if mayOverload && bootFile.isEmpty { spareFields.insert(.bootFile) }
        if mayOverload && serverName.isEmpty { spareFields.insert(.serverName) }
        return DHCPOptionsLayout(
            options, priority: priority, capacity: limit - Self.headerByteCount - 4, spareFields: spareFields)
    }

    /// How many bytes `write` writes with this layout.
    package func byteCount(_ layout: DHCPOptionsLayout) -> Int {
        max(Self.minimumByteCount, Self.headerByteCount + 4 + layout.optionsField.count)
    }

    /// Writes the message, padded to 300 bytes.
    package func write(_ layout: DHCPOptionsLayout, to output: inout OutputSpan<UInt8>) {
        output.append(operation.rawValue)
        output.append(be16: 0x0106)
        output.append(hops)
        output.append(be32: transactionID)
        output.append(be16: secondsElapsed)
        output.append(be16: flags)
        for address in [clientAddress, yourAddress, nextServerAddress, relayAddress] {
            output.append(be32: address.bits)
        }
        output.append(be48: hardwareAddress.bits)
        output.append(repeating: 0, count: 10)
        Self.write(layout.serverName ?? Array(serverName.prefix(63)), padding: 64, to: &output)
        Self.write(layout.bootFile ?? Array(bootFile.prefix(127)), padding: 128, to: &output)
        output.append(be32: Self.magicCookie)
        let least = Self.minimumByteCount - Self.headerByteCount - 4
        Self.write(layout.optionsField, padding: max(least, layout.optionsField.count), to: &output)
    }

    /// The whole message, padded to 300 bytes.
    package func bytes(limit: Int = maximumByteCount) -> [UInt8] {
        let layout = layout(limit: limit)
        return [UInt8](capacity: byteCount(layout)) { write(layout, to: &$0) }
    }

    private static func write(_ bytes: [UInt8], padding byteCount: Int, to output: inout OutputSpan<UInt8>) {
        output.append(bytes.span)
        output.append(repeating: 0, count: byteCount - bytes.count)
    }
}

extension DHCPMessage: CustomStringConvertible {
    /// One line, as for a log: `ack xid 3903f326 52:54:00:12:34:56 192.168.64.2, options 1 3 6 51 53 54`.
    package var description: String {
        let kind = type.map(\.description) ?? "bootp \(operation)"
        let addresses = [clientAddress, yourAddress].filter { $0 != .any }.map { " \($0)" }.joined()
        let numbers = options.codes.map { " \($0.rawValue)" }.joined()
        return "\(kind) xid \(String(transactionID, radix: 16)) \(hardwareAddress)\(addresses), options\(numbers)"
    }
}
