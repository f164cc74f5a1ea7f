import VmnetWire

/// The options that say how the network is configured, made ready once.
struct DHCPParameters: Sendable {
    /// Short enough to fit any message, and needed by clients that ask for nothing.
    private let always: DHCPOptions
    private let onRequest: DHCPOptions

    init(_ configuration: DHCPServerConfiguration) {
        var always = DHCPOptions()
        always[.subnetMask] = configuration.subnet.mask
        always[.routers] = configuration.routers.nilIfEmpty
        always[.domainNameServers] = configuration.domainNameServers.nilIfEmpty
        always[.interfaceMTU] = UInt16(clamping: configuration.mtu)

        var onRequest = DHCPOptions()
        onRequest[.domainName] = configuration.domainName?.description
        onRequest[.broadcastAddress] = configuration.subnet.broadcast
        onRequest[.staticRoutes] = configuration.routes.compactMap(DHCPStaticRoute.init).nilIfEmpty
        onRequest[.timeServers] = configuration.timeServers.nilIfEmpty
        onRequest[raw: .vendorSpecific] = configuration.vendorSpecific
        onRequest[.tftpServerName] = configuration.tftpServerName
        onRequest[.bootFileName] = configuration.bootFileName
        onRequest[.posixTimeZone] = configuration.posixTimeZone
        onRequest[.timeZoneName] = configuration.timeZoneName
        onRequest[.ipv6OnlyPreferred] = configuration.ipv6OnlyPreferred
        onRequest[.captivePortal] = configuration.captivePortal
        onRequest[.domainSearch] = configuration.domainSearch.nilIfEmpty
        onRequest[.classlessRoutes] = Self.classlessRoutes(configuration)
        onRequest[.microsoftClasslessRoutes] = onRequest[.classlessRoutes]
        onRequest[.tftpServerAddresses] = configuration.tftpServerAddresses.nilIfEmpty
        onRequest[.proxyAutoDiscovery] = configuration.proxyAutoDiscovery

        for option in configuration.extraOptions {
            if option.isForced || always[raw: option.code] != nil {
                always[raw: option.code] = option.bytes
            } else {
                onRequest[raw: option.code] = option.bytes
            }
        }
        self.always = always
        self.onRequest = onRequest
    }

    /// What a client that asks for `codes` gets.
    func options(requested codes: some Sequence<DHCPOptionCode>) -> DHCPOptions {
        var options = always
        for code in codes {
            if let value = onRequest[raw: code] { options[raw: code] = value }
        }
        // A client that knows classless routes ignores these (RFC 3442): they would only take room.
        if options[raw: .classlessRoutes] != nil { options[raw: .staticRoutes] = nil }
        return options
    }

    /// With the default route, because a client that gets these ignores the routers option (RFC 3442).
    private static func classlessRoutes(_ configuration: DHCPServerConfiguration) -> [DHCPRoute]? {
        guard !configuration.routes.isEmpty else { return nil }
        guard let router = configuration.routers.first,
            let everywhere = IPv4Subnet(containing: .any, prefixLength: 0),
            !configuration.routes.contains(where: { $0.destination == everywhere })
        else { return configuration.routes }
        return configuration.routes + [DHCPRoute(destination: everywhere, router: router)]
    }
}

extension Array {
    fileprivate var nilIfEmpty: Self? { isEmpty ? nil : self }
}
