/// A part of the report: measurements that belong together, and the charts that show them.
package struct ReportSection: Sendable {
    /// A chart and the measurement it is drawn from.
    package struct Figure: Sendable {
        package enum Kind: Sendable {
            /// Bars, as many for each path as there are columns.
            case bars
            /// From the first column's value to the second's, on a logarithmic scale.
            case ranges
            /// Over the numbers at the end of the columns' names.
            case curve(xTitle: String)
        }

        package let title: String
        package let measurement: String
        package let columns: [String]
        package let kind: Kind
    }

    package let title: String
    /// The names of measurements, in order.
    package let measurements: [String]
    package let figures: [Figure]
    /// Columns about which the report says a sentence, each with its measurement.
    package let findings: [(measurement: String, column: String)]

    /// The whole report in order.
    package static let all: [ReportSection] = [
        throughput, cost, latency, datagrams, idleFlows, guests, lan, program, running,
    ]

    /// The chart that stands for all: what a guest without special settings gets.
    package static let headline = Figure(
        title: "TCP throughput of one guest, one stream, MTU 1500, Gbit/s", measurement: "tcp-1500",
        columns: ["up-1", "down-1"], kind: .bars)

    private static let throughput = ReportSection(
        title: "Throughput", measurements: ["tcp-1500", "tcp-gro", "tcp-9000", "tcp-65520"],
        figures: [
            headline,
            Figure(
                title: "Eight streams, MTU 1500, Gbit/s", measurement: "tcp-1500", columns: ["up-8", "down-8"],
                kind: .bars),
            Figure(
                title: "Down to guests with generic receive offload, MTU 1500, Gbit/s", measurement: "tcp-gro",
                columns: ["down"], kind: .bars),
            Figure(
                title: "One stream, MTU 9000, Gbit/s", measurement: "tcp-9000", columns: ["up-1", "down-1"], kind: .bars
            ),
            Figure(
                title: "One stream, MTU 65520, Gbit/s", measurement: "tcp-65520", columns: ["up-1", "down-1"],
                kind: .bars),
        ], findings: [("tcp-1500", "up-1"), ("tcp-1500", "down-1"), ("tcp-gro", "down")])

    private static let cost = ReportSection(
        title: "What a gigabyte costs", measurements: [],
        figures: ["tcp-1500", "tcp-65520"].map { measurement in
            Figure(
                title: "CPU seconds per GB, MTU \(measurement.dropFirst(4))", measurement: measurement,
                columns: ["cpu-up", "cpu-down"], kind: .bars)
        }, findings: [("tcp-1500", "cpu-up"), ("tcp-1500", "cpu-down")])

    private static let latency = ReportSection(
        title: "Latency", measurements: ["latency"],
        figures: [
            ("Exchange on one TCP connection", "tcp-rr"), ("TCP connection with one exchange", "tcp-crr"),
            ("Exchange of datagrams", "udp-rr"),
        ].map { title, exchange in
            Figure(
                title: "\(title): median to 99th percentile, µs", measurement: "latency",
                columns: ["\(exchange)-p50", "\(exchange)-p99"], kind: .ranges)
        }, findings: [("latency", "tcp-rr-p50"), ("latency", "tcp-crr-p50")])

    private static let datagrams = ReportSection(
        title: "Datagrams and new connections", measurements: ["datagrams", "udp", "connections"],
        figures: [
            Figure(
                title: "UDP, 1400-byte datagrams that arrived of as many as the sender could make, per second",
                measurement: "datagrams", columns: ["up", "down"], kind: .bars),
            Figure(
                title: "UDP, 1400-byte datagrams that arrived of 3 Gbit/s offered, Gbit/s", measurement: "udp",
                columns: ["up", "down"], kind: .bars),
            Figure(
                title: "TCP connections made, used and closed, per second", measurement: "connections",
                columns: ["completed"], kind: .bars),
        ], findings: [("datagrams", "up"), ("datagrams", "down"), ("connections", "completed")])

    private static let lan = ReportSection(
        title: "On a physical network", measurements: ["lan"],
        figures: [
            Figure(
                title: "TCP throughput between a guest and the wire, Gbit/s", measurement: "lan",
                columns: ["up", "down"], kind: .bars),
            Figure(
                title: "The same without offloads, Gbit/s", measurement: "lan", columns: ["plain-up", "plain-down"],
                kind: .bars),
        ], findings: [("lan", "up"), ("lan", "down")])

    private static let program = ReportSection(
        title: "In one program", measurements: ["library"],
        figures: [
            Figure(
                title: "One thread's TCP upload, Gbit/s", measurement: "library", columns: ["upload"], kind: .bars),
            Figure(
                title: "One octet and back, µs", measurement: "library", columns: ["round-trip"], kind: .bars),
        ], findings: [("library", "upload"), ("library", "round-trip")])

    private static let idleFlows = ReportSection(
        title: "Beside idle flows", measurements: ["idle-tcp", "idle-udp"],
        figures: ["tcp", "udp"].map { kind in
            Figure(
                title: "TCP throughput up beside idle \(kind.uppercased()) flows, Gbit/s", measurement: "idle-\(kind)",
                columns: ["up-0", "up-100", "up-1000", "up-10000"],
                kind: .curve(xTitle: "idle flows"))
        }, findings: [("idle-tcp", "up-1000"), ("idle-udp", "up-1000")])

    private static let guests = ReportSection(
        title: "Several guests", measurements: ["guests", "guest-to-guest", "user-mode-linux"],
        figures: [
            Figure(
                title: "All guests' TCP throughput up together, Gbit/s", measurement: "guests",
                columns: ["guests-1", "guests-2", "guests-4", "guests-8"],
                kind: .curve(xTitle: "guests")),
            Figure(
                title: "From guest to guest, one TCP stream, Gbit/s", measurement: "guest-to-guest",
                columns: ["throughput"], kind: .bars),
        ], findings: [("guests", "guests-4"), ("guest-to-guest", "throughput")])

    private static let running = ReportSection(
        title: "Starting and resting", measurements: ["start-up", "idle", "dhcp"],
        figures: [
            Figure(
                title: "From start to the first answer, ms", measurement: "start-up", columns: ["usable"], kind: .bars),
            Figure(
                title: "Resident memory with one silent guest, MB", measurement: "idle", columns: ["memory"],
                kind: .bars),
            Figure(
                title: "DHCP exchanges per second", measurement: "dhcp", columns: ["exchanges"], kind: .bars),
        ], findings: [("start-up", "usable"), ("idle", "memory"), ("dhcp", "exchanges")])
}
