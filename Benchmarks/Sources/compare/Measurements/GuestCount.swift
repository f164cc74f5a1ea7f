import Figures

/// What several guests get together.
struct GuestCount: Measurement {
    let counts: [Int]

    let id = "guests"
    let title = "Several guests"
    let method = """
        Each guest sends one TCP stream to the host at the same time for one second; the sum counts. OpenVmnet carries all \
        on one network, in one process; the others run one process for each guest. MTU 1500, TAP.
        """
    var columns: [Column] {
        counts.map {
            Column(
                "guests-\($0)", "\($0) guest\($0 == 1 ? "" : "s")", unit: "Gbit/s", isHigherBetter: true, decimals: 2)
        }
    }
    var expectedSeconds: Double { Double(counts.count) * 1.3 + Double(counts.reduce(0, +)) * 0.1 }

    func suits(_ path: any Path) -> Bool {
        path is OpenVmnetTAP || path is Slirp4netns || path is Pasta || path is KernelNAT
    }

    func measure(_ path: any Path, on bench: Bench) throws -> Readings {
        var readings = Readings()
        for count in counts {
            do {
                readings["guests-\(count)"] = try Seat.with(path, guestCount: count) { seat in
                    let runs = try seat.guests.map { try Iperf3(from: $0, to: seat.attachment.host) }
                    return try runs.reduce(0) { try $0 + $1.finish().received.bitsPerSecond / 1e9 }
                }
            } catch {
                readings.fail("guests-\(count)", "\(error)")
            }
        }
        return readings
    }
}
