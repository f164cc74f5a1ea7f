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
/// | `GET /metrics` | Prometheus' text format |
///
/// Whatever goes wrong is an `ErrorDocument` with 400, 404, 405 or 413.
struct ControlRoutes {
    let network: ControlledNetwork

    func answer(_ request: HTTPRequest) -> HTTPResponse {
        if let port = request.path.removingPrefix("/v1/ports/") {
            return allow(["DELETE"], request) { detach(port) }
        }
        switch request.path {
        case "/v1/status": return get(request) { .document(network.status) }
        case "/v1/ports": return get(request) { .document(PortsDocument(ports: network.status.ports)) }
        case "/v1/leases": return get(request) { .document(network.leases) }
        case "/v1/forwarding": return get(request) { .document(ForwardingDocument(network.network.forwardingTable())) }
        case "/metrics":
            return get(request) {
                HTTPResponse(
                    status: 200, contentType: MetricsText.contentType,
                    body: Array(NetworkMetrics.text(of: network.status).utf8))
            }
        default:
            return .error(
                404, "there is nothing at '\(request.path)'",
                hint: "ask for /v1/status, /v1/ports, /v1/leases, /v1/forwarding or /metrics")
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
