package import VmnetWire

/// What a client says to a network's attach socket: one record. With `.attach` comes a descriptor.
package struct AttachRequest: Equatable, Sendable {
    /// The version that every document has. It changes when a key goes or means something else, not when one is added.
    package static let version = 1

    /// What it asks for.
    package enum Action: String, CaseIterable, Sendable {
        /// A guest is to be attached.
        case attach
        /// What network it is.
        case describe
        /// A port forward that ends with this connection, on which a guest has been attached.
        case addForward = "add_forward"
        /// One of these is to end.
        case removeForward = "remove_forward"
    }

    package var action = Action.attach
    /// What the log and the status call the guest; `attach` when it is missing.
    package var label: String?
    /// Whether the guest exchanges frames with the gateway only.
    package var isIsolated = false
    /// Whether the guest leaves when this connection ends; else it stays until its own does.
    package var isWhileConnected = false
    /// Whether each frame on the guest's socket has a virtio-net header before it.
    package var hasVirtioHeader = false
    /// The guest's interface, where the client has a name for it.
    package var interfaceID: InterfaceID?
    /// The MAC address that the guest is going to have.
    package var macAddress: MACAddress?
    /// For a network that is not open to whoever finds it: what its owner has given away.
    package var key: String?
    /// As on the command line: `tcp:8080:80`.
    package var forward: String?

    package init(
        _ action: Action = .attach, label: String? = nil, isIsolated: Bool = false, isWhileConnected: Bool = false,
        key: String? = nil
    ) {
        self.action = action
        self.label = label
        self.isIsolated = isIsolated
        self.isWhileConnected = isWhileConnected
        self.key = key
    }

    /// The record.
    package var bytes: [UInt8] {
        JSONObject([
            "version": .number(Self.version), "request": action == .attach ? nil : .text(action.rawValue),
            "label": label.map { .text($0) }, "isolated": isIsolated ? .flag(true) : nil,
            "while_connected": isWhileConnected ? .flag(true) : nil,
            "virtio_header": hasVirtioHeader ? .flag(true) : nil,
            "interface_id": interfaceID.map { .text("\($0)") }, "mac": macAddress.map { .text("\($0)") },
            "key": key.map { .text($0) }, "forward": forward.map { .text($0) },
        ]).bytes
    }
}

extension AttachRequest {
    /// The request that a record holds.
    ///
    /// - Throws: `.invalidConfiguration`, with what the client has to do about it.
    package init(parsing bytes: [UInt8]) throws(VmnetError) {
        let version: Int
        do throws(JSONError) {
            let object = try JSONObject(parsing: bytes)
            version = try object.number("version") ?? 0
            self = try AttachRequest(object)
        } catch {
            throw VmnetError(
                .invalidConfiguration, "the request is not understood",
                hint: "send {\"version\":\(Self.version)}, with \"label\" and \"isolated\" if need be")
        }
        guard version == Self.version else {
            throw VmnetError(
                .invalidConfiguration, "version \(version) of the request is not understood",
                hint: "send version \(Self.version)")
        }
        try Self.check(label: label)
    }

    private init(_ object: JSONObject) throws(JSONError) {
        self.init()
        if let text = try object.text("request") { action = try Self.known(Action(rawValue: text)) }
        label = try object.text("label")
        isIsolated = try object.flag("isolated") ?? false
        isWhileConnected = try object.flag("while_connected") ?? false
        hasVirtioHeader = try object.flag("virtio_header") ?? false
        if let text = try object.text("interface_id") { interfaceID = try Self.known(InterfaceID(text)) }
        if let text = try object.text("mac") { macAddress = try Self.known(MACAddress(text)) }
        key = try object.text("key")
        forward = try object.text("forward")
    }

    private static func known<Value>(_ value: Value?) throws(JSONError) -> Value {
        guard let value else { throw JSONError() }
        return value
    }

    /// A label becomes part of log lines and tables: one line, and not a long one.
    private static func check(label: String?) throws(VmnetError) {
        guard let label else { return }
        guard (1...64).contains(label.utf8.count),
            label.unicodeScalars.allSatisfy({ $0.value >= 32 && $0 != "\u{7f}" })
        else {
            throw VmnetError(
                .invalidConfiguration, "the label is empty, longer than 64 bytes, or has control characters",
                hint: "use a short name for the guest")
        }
    }
}
