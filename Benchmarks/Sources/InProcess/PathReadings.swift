/// What a program has of one path, by the columns' names, for the comparison with peers.
enum PathReadings: String {
    case library, libslirp, loopback

    func measure() throws -> [(column: String, value: Double)] {
        switch self {
        case .library:
            [
                ("frames", try switchRate(seconds: 0.5) / 1e6),
                ("upload", try sendThroughNAT(to: Service(echoes: false), 0.5)),
                ("round-trip", try roundTrips(5000, to: Service(echoes: true))),
            ]
        case .libslirp: [("round-trip", try bareRoundTrips(5000, to: Service(echoes: true)))]
        case .loopback: [("upload", try sendOverLoopback(to: Service(echoes: false), 0.5))]
        }
    }
}
