import Probes

/// Every measurement, in the order in which they are made. A new one is one more file and one more row here.
///
/// - Parameter isQuick: fewer combinations, for a first look.
func allMeasurements(isQuick: Bool) -> [any Measurement] {
    let all: [(any Measurement)?] = [
        StartUp(),
        Idle(),
        Latency(seconds: isQuick ? 0.2 : 0.3),
        ConnectionRate(),
        TCPThroughput(mtu: 1500, streams: isQuick ? [1] : [1, 8]),
        JoinedThroughput(),
        isQuick ? nil : TCPThroughput(mtu: 9000, streams: [1]),
        TCPThroughput(mtu: 65_520, streams: [1]),
        UDPThroughput(),
        DatagramRate(seconds: isQuick ? 0.3 : 0.5),
        GuestToGuest(),
        LANThroughput(),
        OneProgram(),
        GuestCount(counts: isQuick ? [1, 4] : [1, 2, 4, 8]),
        DHCPRate(),
        UserModeLinux(),
        IdleFlows(.tcp, counts: isQuick ? [0, 1000] : [0, 100, 1000, 10_000]),
        isQuick ? nil : IdleFlows(.udp, counts: [0, 100, 1000, 10_000]),
    ]
    return all.compactMap { $0 }
}
