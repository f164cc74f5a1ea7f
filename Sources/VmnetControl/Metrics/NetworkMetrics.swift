import OpenVmnet

/// `GET /metrics`: a network in numbers. Labels are the network, the port, the physical network's interface, the
/// reason of a drop and the port forward: no guest can invent one.
struct NetworkMetrics {
    private typealias Label = (name: String, value: String)

    private let status: StatusDocument
    private var page = MetricsText()

    /// The whole page.
    static func text(of status: StatusDocument) -> String {
        var metrics = NetworkMetrics(status: status)
        metrics.addNetwork()
        if let uplink = status.uplink { metrics.add(uplink) }
        metrics.addPorts()
        metrics.addForwards()
        return metrics.page.text
    }

    private init(status: StatusDocument) {
        self.status = status
    }

    private var network: [Label] { [("network", status.name)] }

    private mutating func addNetwork() {
        page.add(
            "openvmnet_network_info", .gauge, "A network that runs; always 1.",
            [.init(1, network + [("mode", status.mode)])])
        gauge("start_time_seconds", "When it was started, in seconds since 1970.", status.started)
        gauge("mtu_bytes", "The largest IP packet.", status.mtu)
        gauge("guests", "Guests that are attached.", status.guests)
        gauge("leases", "DHCP leases that run.", status.leases)
        gauge("forwarding_entries", "Stations that the switch knows.", status.forwardingEntries)
        let traffic = status.traffic
        counter("received_frames", "Frames from guests, those that have left included.", traffic.receivedFrames)
        counter("received_bytes", "Bytes of these frames.", traffic.receivedBytes)
        counter("sent_frames", "Frames to guests, those that have left included.", traffic.sentFrames)
        counter("sent_bytes", "Bytes of these frames.", traffic.sentBytes)
        page.add(
            "openvmnet_network_dropped_frames_total", .counter, "Dropped frames, by reason.",
            Self.drops(traffic, network))
    }

    private mutating func gauge(_ name: String, _ help: String, _ value: some BinaryInteger) {
        page.add("openvmnet_network_\(name)", .gauge, help, [.init(value, network)])
    }

    private mutating func counter(_ name: String, _ help: String, _ value: UInt64) {
        page.add("openvmnet_network_\(name)_total", .counter, help, [.init(value, network)])
    }

    private mutating func add(_ uplink: UplinkDocument) {
        let labels = network + [("interface", uplink.interface)]
        func counter(_ name: String, _ help: String, _ value: UInt64) {
            page.add("openvmnet_uplink_\(name)_total", .counter, help, [.init(value, labels)])
        }
        page.add(
            "openvmnet_uplink_up", .gauge, "Whether the interface to the physical network is up.",
            [.init(uplink.state == UplinkState.up.rawValue ? 1 : 0, labels)])
        counter("received_frames", "Frames from the physical network.", uplink.traffic.receivedFrames)
        counter("received_bytes", "Bytes of these frames.", uplink.traffic.receivedBytes)
        counter("sent_frames", "Frames to the physical network.", uplink.traffic.sentFrames)
        counter("sent_bytes", "Bytes of these frames.", uplink.traffic.sentBytes)
        page.add(
            "openvmnet_uplink_dropped_frames_total", .counter, "Dropped frames, by reason.",
            Self.drops(uplink.traffic, labels))
        page.add(
            "openvmnet_uplink_queue_frames", .gauge, "Frames that wait for the interface.",
            [.init(uplink.queue.frames, labels)])
        page.add(
            "openvmnet_uplink_queue_bytes", .gauge, "Memory that these frames take.",
            [.init(uplink.queue.bytes, labels)])
    }

    private mutating func addPorts() {
        ports("received_frames_total", .counter, "Frames from the guest.") { $0.traffic.receivedFrames }
        ports("received_bytes_total", .counter, "Bytes of these frames.") { $0.traffic.receivedBytes }
        ports("sent_frames_total", .counter, "Frames to the guest.") { $0.traffic.sentFrames }
        ports("sent_bytes_total", .counter, "Bytes of these frames.") { $0.traffic.sentBytes }
        page.add(
            "openvmnet_port_dropped_frames_total", .counter, "Dropped frames, by reason.",
            status.ports.flatMap { Self.drops($0.traffic, labels($0)) })
        ports("queue_frames", .gauge, "Frames that wait for the guest.") { $0.queue.frames }
        ports("queue_bytes", .gauge, "Memory that these frames take.") { $0.queue.bytes }
        ports("nat_flows", .gauge, "Flows that are open.") { $0.nat.flows }
        ports("nat_opened_flows_total", .counter, "Flows opened.") { $0.nat.openedFlows }
        ports("nat_refusals_total", .counter, "Packets answered with a reset or an ICMP error.") { $0.nat.refusals }
        ports("nat_refused_by_port_total", .counter, "Frames that found the guest's queue full.") {
            $0.nat.refusedByPort
        }
    }

    private mutating func ports(
        _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (PortDocument) -> some BinaryInteger
    ) {
        page.add(
            "openvmnet_port_\(name)", kind, help, status.ports.map { MetricsText.Sample(value($0), labels($0)) })
    }

    private mutating func addForwards() {
        forwards("open_connections", .gauge, "Connections that are open.") { $0.openConnections }
        forwards("accepted_connections_total", .counter, "Connections handed to guests.") { $0.acceptedConnections }
        forwards("refused_connections_total", .counter, "Connections closed at a limit.") { $0.refusedConnections }
        forwards("received_datagrams_total", .counter, "Datagrams from clients to guests.") { $0.receivedDatagrams }
        forwards("sent_datagrams_total", .counter, "Datagrams from guests to clients.") { $0.sentDatagrams }
    }

    private mutating func forwards(
        _ name: String, _ kind: MetricsText.Kind, _ help: String, _ value: (ForwardDocument) -> some BinaryInteger
    ) {
        page.add(
            "openvmnet_forward_\(name)", kind, help,
            status.forwards.map { MetricsText.Sample(value($0), network + [("forward", $0.forward)]) })
    }

    private func labels(_ port: PortDocument) -> [Label] { network + [("port", port.id)] }

    private static func drops(_ traffic: TrafficDocument, _ labels: [Label]) -> [MetricsText.Sample] {
        traffic.dropped.sorted { $0.key < $1.key }.map { .init($0.value, labels + [("reason", $0.key)]) }
    }
}
