/// What the attach socket answers: one record.
package enum AttachAnswer: Equatable, Sendable {
    /// The guest is attached at this port, or it was only asked what network it is.
    case network(NetworkDescription, port: String?, hasVirtioHeader: Bool)
    /// The forward is there, with the port that it really has; or it is gone.
    case forward(String)
    /// It is not done, for this reason.
    case refusal(message: String, hint: String?)

    /// The refusal that says what an error does.
    package init(_ error: VmnetError) {
        self = .refusal(message: error.message, hint: error.hint)
    }

    /// The record.
    package var bytes: [UInt8] {
        var members: [String: JSONValue?] = ["version": .number(AttachRequest.version)]
        switch self {
        case .network(let network, let port, let hasVirtioHeader):
            members.merge(network.members) { $1 }
            members["port"] = port.map { .text($0) }
            if hasVirtioHeader { members["virtio_header"] = .flag(true) }
        case .forward(let forward): members["forward"] = .text(forward)
        case .refusal(let message, let hint):
            members["error"] = .object(JSONObject(["message": .text(message), "hint": hint.map { .text($0) }]))
        }
        return JSONObject(members).bytes
    }

    /// The answer that a record holds. Keys that are not known are passed over.
    package init(parsing bytes: [UInt8]) throws(JSONError) {
        let object = try JSONObject(parsing: bytes)
        if let error = try object.object("error") {
            guard let message = try error.text("message") else { throw JSONError() }
            self = .refusal(message: message, hint: try error.text("hint"))
        } else if let forward = try object.text("forward") {
            self = .forward(forward)
        } else {
            self = .network(
                try NetworkDescription(object), port: try object.text("port"),
                hasVirtioHeader: try object.flag("virtio_header") ?? false)
        }
    }
}
