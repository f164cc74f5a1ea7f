import OpenVmnet

/// What the control socket answers to what.
///
/// | | |
/// |---|---|
/// | `GET /v1/status` | the network and its ports: `StatusDocument` |
/// | `GET /v1/ports` | the ports: `PortsDocument` |
/// | `DELETE /v1/ports/ID` | takes the guest off the network: 204 |
/// | `GET /v1/leases` | `LeasesDocument` |
/// | `GET /v1/forwarding` | the switch's table: `ForwardingDocument` |
/// | `GET /v1/forwards` | the port forwards: `ForwardsDocument` |
/// | `POST /v1/forwards` | adds the one in the `ForwardRequest`: 201 and its `ForwardDocument` |
/// | `DELETE /v1/forwards/FORWARD` | removes the one with the same host side: its last `ForwardDocument` |
/// | `GET /metrics` | Prometheus' text format |
///
/// Whatever goes wrong is an `ErrorDocument` with 400, 404, 405, 409 or 413.
struct ControlRoutes {
    let network: ControlledNetwork

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        if let port = request.path.removingPrefix("/v1/ports/") {
            return allow(["DELETE"], request) { detach(port) }
        }
        if let forward = request.path.removingPrefix("/v1/forwards/") {
            return allow(["DELETE"], request) { attempt { () throws(VmnetError) in try removeForward(forward) } }
        }
        switch request.path {
        case "/v1/status": return get(request) { .document(network.status) }
        case "/v1/ports": return get(request) { .document(PortsDocument(ports: network.status.ports)) }
        case "/v1/leases": return get(request) { .document(network.leases) }
        case "/v1/forwarding": return get(request) { .document(ForwardingDocument(network.network.forwardingTable())) }
        case "/v1/forwards" where request.method == "POST":
            return attempt { () throws(VmnetError) in try addForward(request.body) }
        case "/v1/forwards":
            return allow(["GET", "HEAD", "POST"], request) {
                .document(ForwardsDocument(forwards: network.forwards))
            }
        case "/metrics":
            return get(request) {
                HTTPResponse(
                    status: 200, contentType: MetricsText.contentType,
                    body: Array(NetworkMetrics.text(of: network.status).utf8))
            }
        default:
            return .error(
                404, "there is nothing at '\(request.path)'",
                hint: "ask for /v1/status, /v1/ports, /v1/leases, /v1/forwarding, /v1/forwards or /metrics")
        }
    }

    private func detach(_ text: String) -> HTTPResponse {
        guard let port = PortNumber(text) else {
            return .error(400, "'\(text)' is not a port", hint: "GET /v1/ports says what there is, by id")
        }
        guard network.network.detach(port) else {
            return .error(404, "there is no port \(port)", hint: "GET /v1/ports says what there is, by id")
        }
        return HTTPResponse(status: 204)
    }

    private func addForward(_ body: [UInt8]) throws(VmnetError) -> HTTPResponse {
        guard let request = try? ControlJSON.decode(ForwardRequest.self, from: body) else {
            throw VmnetError(
                .invalidConfiguration, "the body is not understood", hint: #"send {"forward":"tcp:8080:80"}"#)
        }
        let added = try network.network.addForward(PortForward(request.forward))
        guard let status = network.network.forwards().first(where: { $0.forward == added }) else {
            return .error(404, "'\(request.forward)' is gone again")
        }
        return .document(ForwardDocument(status), status: 201)
    }

    private func removeForward(_ text: String) throws(VmnetError) -> HTTPResponse {
        let forward = try PortForward(text)
        let known = network.network.forwards().first { $0.forward.host == forward.host }
        guard let known else {
            return .error(
                404, "no forward is at \(forward.host)",
                hint: "openvmnet forward list, or GET /v1/forwards, says which there are")
        }
        try network.network.removeForward(forward)
        return .document(ForwardDocument(known))
    }

    /// A text that is not understood is the client's to mend; what the host does not allow may be allowed later.
    private func attempt(_ body: () throws(VmnetError) -> HTTPResponse) -> HTTPResponse {
        do throws(VmnetError) {
            return try body()
        } catch {
            return .document(ErrorDocument(error), status: error.code == .invalidConfiguration ? 400 : 409)
        }
    }

    /// The library sends the head alone where only that is asked for (RFC 9110, 9.3.2).
    private func get(_ request: HTTPRequest, _ body: () -> HTTPResponse) -> HTTPResponse {
        allow(["GET", "HEAD"], request, body)
    }

    private func allow(_ methods: [String], _ request: HTTPRequest, _ body: () -> HTTPResponse) -> HTTPResponse {
        guard !methods.contains(request.method) else { return body() }
        var response = HTTPResponse.error(
            405, "'\(request.path)' does not take \(request.method)", hint: "use \(methods.joined(separator: " or "))")
        response.allow = methods.joined(separator: ", ")
        return response
    }
}

extension String {
    /// What follows the prefix; nil when it is not there.
    fileprivate func removingPrefix(_ prefix: String) -> String? {
        hasPrefix(prefix) ? String(dropFirst(prefix.count)) : nil
    }
}
